import Consensus
import PBFT
import Wire

/// What a client asks every replica for its own word on.
struct FastQuestion: Equatable {
  let client: Int
  let number: UInt64
  let query: [UInt8]
}

/// A replica's word on it; nil where it has none to give.
struct FastAnswer: Equatable {
  let number: UInt64
  let bytes: [UInt8]?
}

/// The fast reads of a client, as the product's own client has them: 2f+1 equal answers are
/// believed, and anything else in time is ordered.
struct FastReads {
  private static let patienceMicroseconds: UInt64 = 50_000

  /// One that waits.
  struct Waiting {
    let question: FastQuestion
    /// The operation of the history that it is.
    let operation: Int
    let dueAt: UInt64
    /// The first word of each replica.
    var heard: [(replica: Int, bytes: [UInt8]?)] = []
  }

  private(set) var waiting: [Waiting] = []
  /// Those that nobody was asked for yet.
  private var fresh: [FastQuestion] = []
  private var lastNumber: UInt64 = 0
  /// How many were not believed.
  private(set) var overdueCount = 0

  mutating func begin(_ query: [UInt8], _ operation: Int, by client: Int, at now: UInt64) {
    lastNumber += 1
    let question = FastQuestion(client: client, number: lastNumber, query: query)
    fresh.append(question)
    let dueAt = now + Self.patienceMicroseconds
    waiting.append(Waiting(question: question, operation: operation, dueAt: dueAt))
  }

  /// What all replicas are to be asked now.
  mutating func takeFresh() -> [FastQuestion] {
    defer { fresh.removeAll() }
    return fresh
  }

  /// The question of this number, as long as it waits.
  func question(_ number: UInt64) -> FastQuestion? {
    waiting.first { $0.question.number == number }?.question
  }

  /// A replica's first word counts.
  ///
  /// - Returns: What is believed, and of which operation, once `quorum` of them have said it.
  mutating func hear(
    _ answer: FastAnswer,
    from replica: Int,
    quorum: Int
  ) -> (operation: Int, bytes: [UInt8])? {
    guard let place = waiting.firstIndex(where: { $0.question.number == answer.number }),
      !waiting[place].heard.contains(where: { $0.replica == replica })
    else { return nil }
    waiting[place].heard.append((replica, answer.bytes))
    guard let bytes = answer.bytes,
      waiting[place].heard.count(where: { $0.bytes == bytes }) >= quorum
    else { return nil }
    return (waiting.remove(at: place).operation, bytes)
  }

  /// What has waited too long, or was answered by all, and not alike.
  mutating func takeOverdue(at now: UInt64, of replicas: Int) -> [Waiting] {
    let isOver = { (read: Waiting) in read.dueAt <= now || read.heard.count == replicas }
    let overdue = waiting.filter(isOver)
    waiting.removeAll(where: isOver)
    overdueCount += overdue.count
    return overdue
  }
}
