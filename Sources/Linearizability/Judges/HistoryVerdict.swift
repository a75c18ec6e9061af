/// What a judge says of the operations of one key, or of a history without keys.
package enum HistoryVerdict: Equatable, Sendable {
  /// There is an order that explains every answer.
  case linearizable
  /// There is none.
  case notLinearizable(HistoryFinding)
  /// The limits were reached before it was known; why, in a sentence.
  case unknown(String)

  /// The verdict in one word, as programs read it.
  package var word: String {
    switch self {
    case .linearizable: "linearizable"
    case .notLinearizable: "not_linearizable"
    case .unknown: "unknown"
    }
  }

  /// Whether it is known that no order explains the answers.
  package var isNotLinearizable: Bool {
    if case .notLinearizable = self { return true }
    return false
  }
}

/// Why no order can explain what was seen.
package struct HistoryFinding: Equatable, Sendable {
  /// What cannot be, in one or more sentences.
  package var sentence: String
  /// The operations that show it, as places in the array that was judged.
  package var operations: [Int]

  /// A finding.
  package init(_ sentence: String, operations: [Int]) {
    self.sentence = sentence
    self.operations = operations
  }
}
