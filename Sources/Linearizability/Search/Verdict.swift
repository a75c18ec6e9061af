/// Whether a history could have happened on one machine.
package enum Verdict: Equatable, Sendable {
  /// There is an order that explains every answer.
  case linearizable
  /// No order explains every answer.
  case notLinearizable(Contradiction)
  /// The search used up its steps before it could say.
  case unknown(steps: Int)
}

/// Where the search for an order came to its end.
package struct Contradiction: Equatable, Sendable {
  /// The longest order found, as places in the array of operations.
  package var longestOrder: [Int]
  /// The operation whose answer no continuation of that order explains.
  package var stuck: Int

  package init(longestOrder: [Int], stuck: Int) {
    self.longestOrder = longestOrder
    self.stuck = stuck
  }
}
