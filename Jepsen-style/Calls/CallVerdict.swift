/// What the judge says of a history.
package struct CallVerdict: Sendable {
  /// How many keys were judged.
  package var keys = 0
  /// The keys whose search used up its steps.
  package var undecided: [String] = []
  /// For each key without an order, lines that show where the search came to its end.
  package var contradictions: [[String]] = []

  /// The verdict in a word or two.
  package var name: String {
    if !contradictions.isEmpty { return "not linearizable" }
    return undecided.isEmpty ? "linearizable" : "undecided"
  }
}
