import Consensus

/// Whom a fetch asks, and what it has asked.
struct FetchSources: Sendable {
  /// Whoever lied is not asked for so long.
  static let dropMicroseconds: UInt64 = 10_000_000
  /// Whoever has not answered for so long is asked nothing for a while, and others are.
  static let patienceMicroseconds: UInt64 = 2_000_000
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
    let awakenings = peers.map(\.restsUntil).filter { $0 > now }
    return (deadlines + awakenings).min()
  }

  /// Asks; returns the number of the question.
  mutating func ask(_ peer: NodeID, for wants: [StateFetch.Missing], at now: UInt64) -> UInt64 {
    lastNumber += 1
    questions.append(Question(number: lastNumber, peer: peer, askedAt: now, wants: wants))
    change(peer) { $0.questionsCount += 1 }
    return lastNumber
  }

  /// What was asked under a number that this peer was given; nil if nothing was, or no more.
  mutating func answered(_ number: UInt64, by peer: NodeID) -> [StateFetch.Missing]? {
    guard let place = questions.firstIndex(where: { $0.number == number && $0.peer == peer }) else {
      return nil
    }
    change(peer) { $0.questionsCount -= 1 }
    return questions.remove(at: place).wants
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
    return late.flatMap(\.wants)
  }

  /// Asks a liar nothing for long; returns what it was asked, for others.
  mutating func drop(_ liar: NodeID, at now: UInt64) -> [StateFetch.Missing] {
    let open = questions.filter { $0.peer == liar }
    questions.removeAll { $0.peer == liar }
    change(liar) {
      $0.restsUntil = now + Self.dropMicroseconds
      $0.questionsCount = 0
    }
    return open.flatMap(\.wants)
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
