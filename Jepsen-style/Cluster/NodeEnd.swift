/// The end of a node that nobody had told to end.
package struct NodeEnd: Equatable, Sendable {
  /// The node.
  package let node: Int
  /// How its process ended.
  package let end: ChildProcess.End
  /// The last error in its log, or what stopped it.
  package let words: String
  /// When it was noticed, in microseconds since the beginning of a run; nil outside of one.
  package var at: Int64?

  /// Whether it broke down.
  ///
  /// A node that gives up says so and exits.
  package var isCrash: Bool {
    if case .signalled = end { true } else { false }
  }
}

extension NodeEnd: CustomStringConvertible {
  /// What happened, in a sentence.
  package var description: String {
    switch end {
    case .exited(let status): "n\(node) ended with status \(status): \(words)"
    case .signalled(let signal): "n\(node) was ended by signal \(signal): \(words)"
    }
  }
}
