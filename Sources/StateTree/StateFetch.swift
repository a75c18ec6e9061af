package import Consensus
package import Wire

/// Gets a state from others that need not be trusted, by its root alone.
///
/// It walks from the root downwards and asks for what neither the own state nor an earlier answer
/// has. Every piece must be what its digest says; whoever sends another is not asked for ten
/// seconds. When the target moves, what is here stays of use.
package struct StateFetch: Sendable {
  /// What is known under a digest.
  enum Found: Sendable {
    case head(HeadPage)
    case leaf([PageEntry])
    case inner([Digest])
    case holding(StateTree.Holding)
  }

  /// A piece that is missing.
  struct Missing: Sendable {
    let want: StateWant
    /// Who has said that it is not there.
    var absentAt: [NodeID] = []

    /// The same, not to be asked of one more.
    func absent(at peer: NodeID) -> Missing {
      Missing(want: want, absentAt: absentAt + [peer])
    }
  }

  /// The root of the state that is wanted.
  package private(set) var root: Digest
  /// Why the state is of no use, although it is the one: its pages mean nothing to this version.
  package private(set) var failure: StateFetchFailure?
  /// How many pieces others have sent, and how many were taken from the own state.
  package private(set) var counts = Counts()

  /// Looked up only, as the next one.
  var found: [Digest: Found] = [:]
  private(set) var missing: Set<Digest> = []
  var waiting: [Missing] = []
  var sources: FetchSources
  let digester: any Digester
  private let local: StateTree?

  /// How far it is.
  package struct Counts: Equatable, Sendable {
    /// Pieces of others.
    package var received = 0
    /// Pieces, with all beneath them, of the own state.
    package var local = 0
    /// Answers with a piece that it should not have been.
    package var lies = 0
  }

  /// Begins to want the state of a root; what a state that is here has of it is not asked for.
  package init(
    root: Digest,
    local: StateTree?,
    peers: [NodeID],
    using digester: any Digester
  ) {
    self.root = root
    self.local = local
    self.digester = digester
    sources = FetchSources(peers)
    _ = want(StateWant(digest: root, place: .head))
  }

  /// Wants another state from now on.
  package mutating func retarget(to root: Digest) {
    guard root != self.root else { return }
    self.root = root
    missing = []
    waiting = []
    failure = nil
    sources.forgetQuestions()
    _ = want(StateWant(digest: root, place: .head))
  }

  /// Whether everything is here.
  package var isComplete: Bool { missing.isEmpty && failure == nil }

  /// Takes an answer; false if the peer has lied.
  package mutating func receive(
    _ pieces: [StatePiece?],
    number: UInt64,
    from peer: NodeID,
    at now: UInt64
  ) -> Bool {
    guard let question = sources.answered(number, by: peer) else { return true }
    let asked = question.wants
    let answers = zip(asked, pieces)
    let isHonest =
      pieces.count <= asked.count && !pieces.isEmpty
      && answers.allSatisfy { missing, piece in
        piece.map { $0.digest(digester) == missing.want.digest } ?? true
      }
    guard isHonest else {
      wantAgain(question.owed + sources.drop(peer, at: now))
      counts.lies += 1
      return false
    }
    for (missing, piece) in answers { if let piece { take(piece, for: missing.want) } }
    if pieces.contains(where: { $0 != nil }) { sources.noteHelp(by: question) }
    let absent = zip(question.owed, pieces).filter { $1 == nil }.map(\.0)
    wantAgain(absent.map { $0.absent(at: peer) } + question.owed.dropFirst(pieces.count))
    return true
  }

  /// Somebody has to be asked for these; what somebody else has given meanwhile is not among them.
  mutating func wantAgain(_ wants: [Missing]) {
    waiting += wants.filter { missing.contains($0.want.digest) }
  }

  private mutating func take(_ piece: StatePiece, for wanted: StateWant) {
    guard missing.remove(wanted.digest) != nil else { return }
    counts.received += 1
    do throws(WireError) {
      let content = try Self.content(of: piece, wanted.digest)
      found[wanted.digest] = content
      _ = want(wanted)
    } catch {
      // The digest is right: this is what honest replicas have, and not what this version reads.
      failure = StateFetchFailure(place: wanted.place, reason: error)
    }
  }

  private static func content(
    of piece: StatePiece,
    _ digest: Digest
  ) throws(WireError) -> Found {
    switch piece.kind {
    case .head: return .head(try HeadPage(piece.bytes))
    case .leaf: return .leaf(try PageEntry.entries(in: piece.bytes))
    case .inner:
      var reader = ByteReader(piece.bytes)
      var children: [Digest] = []
      for _ in 0..<TrieNode.fanOut { children.append(try reader.read()) }
      try reader.expectEnd()
      return .inner(children)
    case .value:
      return .holding(.value(LargeValue(bytes: Bytes(piece.bytes), digest: digest)))
    }
  }

  /// Something has to be here, with all beneath it: what is not will be asked for.
  ///
  /// What is whole becomes a node, so that nobody walks through it again when the target moves.
  ///
  /// - Returns: Whether it is.
  private mutating func want(_ want: StateWant) -> Bool {
    guard want.digest != .zero else { return true }
    guard !missing.contains(want.digest) else { return false }
    if let known = found[want.digest] {
      let wants = Self.wants(of: known, at: want.place)
      guard wants.count(where: { !self.want($0) }) == 0 else { return false }
      if let node = node(want.digest) { found[want.digest] = .holding(.node(node)) }
      return true
    }
    if let holding = local?.holding(want, digester) {
      found[want.digest] = .holding(holding)
      counts.local += 1
      return true
    }
    missing.insert(want.digest)
    waiting.append(Missing(want: want))
    return false
  }

  /// What a page at a place leads to.
  private static func wants(of content: Found, at place: StatePlace) -> [StateWant] {
    switch (content, place) {
    case (.head(let page), _):
      return [StateWant(digest: page.catalog, place: .node(table: nil, path: []))]
    case (.inner(let children), .node(let table, let path)):
      return children.enumerated().map { step, child in
        StateWant(digest: child, place: .node(table: table, path: path + [UInt8(step)]))
      }
    case (.leaf(let entries), .node(let table, _)):
      return entries.compactMap { want(of: $0, in: table) }
    case (.holding, _), (.inner, _), (.leaf, _): return []
    }
  }

  private static func want(of entry: PageEntry, in table: Bytes?) -> StateWant? {
    switch entry.value {
    case .small: nil
    case .large(let digest):
      StateWant(digest: digest, place: .value(table: table ?? [], key: entry.key))
    case .table(_, let digest):
      StateWant(digest: digest, place: .node(table: entry.key, path: []))
    }
  }
}

/// Why a state that others agree on cannot be read here.
package struct StateFetchFailure: Equatable, Sendable {
  /// Where.
  package let place: StatePlace
  /// What is wrong with it.
  package let reason: WireError
}
