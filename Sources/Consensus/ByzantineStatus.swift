/// How a replica of the Byzantine mode stands, for people.
package struct ByzantineStatus: Equatable, Sendable {
  /// Its view.
  package var view: UInt64
  /// Who proposes in that view.
  package var primary: NodeID
  /// Whether the view has begun here: otherwise the replica votes for no block.
  package var isActive: Bool
  /// The newest block whose state 2f+1 replicas have come to; nothing below is voted for.
  package var lowWatermark: UInt64
  /// The newest block that is voted for.
  package var highWatermark: UInt64
  /// The newest committed block.
  package var committedBlock: UInt64
  /// The newest block of its log.
  package var tipBlock: UInt64
  /// Since when it waits for a view to begin, having lost patience with the primary before, in
  /// monotonic microseconds; nil if it does not.
  package var suspectingSinceMicroseconds: UInt64?
  /// Whether it has forgotten promises and makes none until those do not matter any more.
  package var isFenced: Bool
  /// Whether it waits for a state from others and executes nothing until then.
  package var awaitsState: Bool
  /// Why it has stopped for good; nil as long as it works.
  package var haltReason: String?

  /// A replica that waits for nothing.
  package init(view: UInt64, primary: NodeID, isActive: Bool) {
    self.view = view
    self.primary = primary
    self.isActive = isActive
    lowWatermark = 0
    highWatermark = 0
    committedBlock = 0
    tipBlock = 0
    isFenced = false
    awaitsState = false
  }
}
