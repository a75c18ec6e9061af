package import Consensus
import Wire

// Whom to ask for what.
extension StateFetch {
  /// A question for a peer.
  package struct Question: Equatable, Sendable {
    /// Whom.
    package let peer: NodeID
    /// What.
    package let message: StateMessage
  }

  /// What is to be asked now: all peers at once, each for something else; whoever has nothing to
  /// do then for what others are slow to give.
  package mutating func questions(at now: UInt64) -> [Question] {
    wantAgain(sources.overdue(at: now))
    var questions: [Question] = []
    while !waiting.isEmpty {
      let ready = sources.ready(at: now)
      let share = (waiting.count + ready.count - 1) / max(1, ready.count)
      let asked = ready.compactMap { ask($0, for: min(share, StateMessage.wantsMax), at: now) }
      if asked.isEmpty { break }
      questions += asked
    }
    return questions + sources.idle(at: now).compactMap { copy(for: $0, at: now) }
  }

  /// When to look again if nothing arrives.
  package func nextDue(after now: UInt64) -> UInt64? {
    isComplete ? nil : sources.nextDue(after: now)
  }

  private mutating func ask(_ peer: NodeID, for countMax: Int, at now: UInt64) -> Question? {
    var wants: [Missing] = []
    var others: [Missing] = []
    // What came last is deepest: few pages wait at a time.
    while wants.count < countMax, let next = waiting.popLast() {
      if next.absentAt.contains(peer) { others.append(next) } else { wants.append(next) }
    }
    waiting += others.reversed()
    guard !wants.isEmpty else {
      if !waiting.isEmpty { restOrAskAnew(peer, at: now) }
      return nil
    }
    let number = sources.ask(peer, for: wants, at: now)
    return Question(peer: peer, message: .ask(number: number, wants: wants.map(\.want)))
  }

  private mutating func copy(for peer: NodeID, at now: UInt64) -> Question? {
    sources.askAlso(peer, at: now, if: missing).map { copy in
      Question(peer: peer, message: .ask(number: copy.number, wants: copy.wants.map(\.want)))
    }
  }

  /// This peer has said of everything that it is not there: it may come to it later.
  private mutating func restOrAskAnew(_ peer: NodeID, at now: UInt64) {
    for index in waiting.indices { waiting[index].absentAt.removeAll { $0 == peer } }
    sources.rest(peer, at: now)
  }
}

// From pages to a tree.
extension StateFetch {
  /// The state, once everything is here.
  package func finish() -> StateTree? {
    guard isComplete, case .head(let page)? = found[root] else { return nil }
    return StateTree(head: page.head, catalog: node(page.catalog), root: root)
  }

  /// The node of a digest, where everything beneath it is here; of a page that is one.
  func node(_ digest: Digest) -> TrieNode? {
    switch found[digest] {
    case .holding(.node(let node))?: return node
    case .leaf(let entries)?: return TrieNode(.leaf(entries.map(entry)), digest: digest)
    case .inner(let children)?:
      return TrieNode(.inner(children.map(node)), digest: digest)
    case .head?, .holding(.value)?, nil: return nil
    }
  }

  private func entry(_ page: PageEntry) -> TrieEntry {
    TrieEntry(key: page.key, stamp: page.stamp, value: value(page.value))
  }

  private func value(_ value: PageEntry.Value) -> TrieValue {
    switch value {
    case .small(let bytes): return .small(bytes)
    case .large(let digest):
      guard case .holding(.value(let held))? = found[digest] else {
        fatalError("nothing is finished while a value is missing")
      }
      return .large(LargeValue(bytes: held.bytes, digest: digest))
    case .table(let head, let digest):
      return .table(TableRoot(head: head, root: node(digest)))
    }
  }
}
