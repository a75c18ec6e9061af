/// How far a node has come that lost a part of its journal.
///
/// Until it is whole it neither votes nor stands.
package struct RepairStatus: Equatable, Sendable {
  /// The first entry that may be missing.
  package var firstMissing: LogIndex
  /// Where the log has to reach for nothing to be missing; nil as long as nobody has told.
  package var target: LogIndex?
  /// Whether it knows its own term; if not, it hears no leader.
  package var isTermKnown: Bool
  /// The voters that have not told how far they reach: all have to, unless a leader does.
  package var unheard: [NodeID]

  package init(
    firstMissing: LogIndex,
    target: LogIndex?,
    isTermKnown: Bool,
    unheard: [NodeID]
  ) {
    self.firstMissing = firstMissing
    self.target = target
    self.isTermKnown = isTermKnown
    self.unheard = unheard
  }
}
