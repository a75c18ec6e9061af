package import Consensus

/// A place in a log together with the term of the entry there: equal marks mean equal logs
/// up to that place (Raft §5.3, Log Matching).
package struct LogMark: Hashable, Sendable {
  /// The place.
  package var index: LogIndex
  /// The term of the entry there; 0 before the first entry.
  package var term: Term

  package init(index: LogIndex, term: Term) {
    self.index = index
    self.term = term
  }

  /// Whether a log that ends here holds all that one ending at `other` can have committed:
  /// the later last term wins, then the longer log (Raft §5.4.1).
  func isAtLeastAsUpToDate(as other: LogMark) -> Bool {
    guard term == other.term else { return term > other.term }
    return index >= other.index
  }
}
