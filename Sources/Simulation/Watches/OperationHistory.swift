import Consensus

/// Everything that the clients of a run asked and were told.
struct OperationHistory {
  private(set) var operations: [ClientOperation] = []
  private(set) var openCount = 0
  /// How many operations ended with an answer.
  private(set) var answeredCount = 0
  private var instant: UInt64 = 0

  /// An operation begins.
  ///
  /// - Returns: Its number.
  mutating func begin(
    _ question: ClientOperation.Question,
    by client: Int,
    key: RequestKey? = nil
  ) -> Int {
    instant += 1
    operations.append(
      ClientOperation(client: client, question: question, invoked: instant, key: key)
    )
    openCount += 1
    return operations.count - 1
  }

  /// Whether an operation has begun and ended.
  func hasEnded(_ number: Int) -> Bool {
    operations.indices.contains(number) && operations[number].returned != nil
  }

  /// An operation ends.
  mutating func end(_ number: Int, _ ending: ClientOperation.Ending) {
    instant += 1
    operations[number].returned = instant
    operations[number].ending = ending
    openCount -= 1
    switch ending {
    case .applied, .answered: answeredCount += 1
    case .open, .failed, .unknown: break
    }
  }
}
