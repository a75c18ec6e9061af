import Consensus

/// Whom a fetch asks, and what it has asked.
struct FetchSources: Sendable {
  /// Whoever lied is not asked for so long.
  static let dropMicroseconds: UInt64 = 10_000_000
  /// Whoever has not answered for so long is asked nothing for a while, and others are.
  static let patienceMicroseconds: UInt64 = 2_000_000
  /// What has not been answered for so long is asked of whoever has nothing else to do, too: under
  /// load the target moves before patience ends, and nobody who is silent may hold up the state.
  static let hurryMicroseconds: UInt64 = 20_000
  /// Whoever was slow, or has nothing of what is missing, is asked again after so long.
  static let pauseMicroseconds: UInt64 = 500_000
  /// The most questions that one peer has at once.
  static let questionsMax = 4

  struct Peer: Sendable {
    let id: NodeID
    /// Nothing is asked before.
    var restsUntil: UInt64 = 0
    var questionsCount = 0
  }

  struct Question: Sendable {
    let number: UInt64
    let peer: NodeID
    let askedAt: UInt64
    let wants: [StateFetch.Missing]
    /// The question that this one repeats to another peer.
    let original: UInt64?
    /// Who was asked the same, and gave nothing of it yet.
    var copiedTo: [NodeID] = []

    /// What is to be asked anew if it is not answered; a copy leaves that to its original.
    var owed: [StateFetch.Missing] { original == nil ? wants : [] }
  }

  private(set) var peers: [Peer]
  private var questions: [Question] = []
  private var lastNumber: UInt64 = 0

  init(_ peers: [NodeID]) {
    self.peers = peers.map { Peer(id: $0) }
  }

  /// Whoever may be asked something now.
  func ready(at now: UInt64) -> [NodeID] {
    peers.filter { $0.restsUntil <= now && $0.questionsCount < Self.questionsMax }.map(\.id)
  }

  /// When somebody can be asked, or something has waited too long, at the latest.
  func nextDue(after now: UInt64) -> UInt64? {
    let deadlines = questions.map { $0.askedAt + Self.patienceMicroseconds }
    let hurries = questions.map { $0.askedAt + Self.hurryMicroseconds }
    let awakenings = peers.map(\.restsUntil)
    return (deadlines + (hurries + awakenings).filter { $0 > now }).min()
  }

  /// Asks; returns the number of the question.
  mutating func ask(
    _ peer: NodeID,
    for wants: [StateFetch.Missing],
    at now: UInt64,
    copying original: UInt64? = nil
  ) -> UInt64 {
    lastNumber += 1
    questions.append(
      Question(number: lastNumber, peer: peer, askedAt: now, wants: wants, original: original)
    )
    change(peer) { $0.questionsCount += 1 }
    return lastNumber
  }

  /// Whoever may be asked something now, and has been asked nothing.
  func idle(at now: UInt64) -> [NodeID] {
    peers.filter { $0.restsUntil <= now && $0.questionsCount == 0 }.map(\.id)
  }

  /// Asks a peer what another one has not answered; the one that was asked of fewest comes first.
  ///
  /// - Returns: The copy's number, and what it asks for; nil if there is nothing to be asked.
  mutating func askAlso(
    _ peer: NodeID,
    at now: UInt64,
    if missing: Set<Digest>
  ) -> (number: UInt64, wants: [StateFetch.Missing])? {
    let isWanted = { (wanted: StateFetch.Missing) in
      missing.contains(wanted.want.digest) && !wanted.absentAt.contains(peer)
    }
    let open = questions.indices.filter { place in
      let question = questions[place]
      return question.original == nil && now >= question.askedAt + Self.hurryMicroseconds
        && !question.copiedTo.contains(peer) && question.wants.contains(where: isWanted)
    }
    let first = open.min { questions[$0].copiedTo.count < questions[$1].copiedTo.count }
    guard let first else { return nil }
    questions[first].copiedTo.append(peer)
    let wants = questions[first].wants.filter(isWanted)
    return (ask(peer, for: wants, at: now, copying: questions[first].number), wants)
  }

  /// A copy has brought something: whoever gave it may be asked for the rest.
  mutating func noteHelp(by copy: Question) {
    guard let place = questions.firstIndex(where: { $0.number == copy.original }) else { return }
    questions[place].copiedTo.removeAll { $0 == copy.peer }
  }

  /// What was asked under a number that this peer was given; nil if nothing was, or no more.
  mutating func answered(_ number: UInt64, by peer: NodeID) -> Question? {
    guard let place = questions.firstIndex(where: { $0.number == number && $0.peer == peer }) else {
      return nil
    }
    change(peer) { $0.questionsCount -= 1 }
    return questions.remove(at: place)
  }

  /// What was asked of a peer that was too slow.
  mutating func overdue(at now: UInt64) -> [StateFetch.Missing] {
    let late = questions.filter { now >= $0.askedAt + Self.patienceMicroseconds }
    guard !late.isEmpty else { return [] }
    questions.removeAll { now >= $0.askedAt + Self.patienceMicroseconds }
    for question in late {
      change(question.peer) {
        $0.questionsCount -= 1
        $0.restsUntil = max($0.restsUntil, now + Self.pauseMicroseconds)
      }
    }
    return late.flatMap(\.owed)
  }

  /// Asks a liar nothing for long; returns what it was asked, for others.
  mutating func drop(_ liar: NodeID, at now: UInt64) -> [StateFetch.Missing] {
    let open = questions.filter { $0.peer == liar }
    questions.removeAll { $0.peer == liar }
    change(liar) {
      $0.restsUntil = now + Self.dropMicroseconds
      $0.questionsCount = 0
    }
    return open.flatMap(\.owed)
  }

  /// Asks a peer nothing for a while: it has nothing of what is missing.
  mutating func rest(_ peer: NodeID, at now: UInt64) {
    change(peer) { $0.restsUntil = max($0.restsUntil, now + Self.pauseMicroseconds) }
  }

  /// Takes no answers to what was asked so far.
  mutating func forgetQuestions() {
    questions = []
    for index in peers.indices { peers[index].questionsCount = 0 }
  }

  private mutating func change(_ peer: NodeID, _ body: (inout Peer) -> Void) {
    guard let index = peers.firstIndex(where: { $0.id == peer }) else { return }
    body(&peers[index])
  }
}
