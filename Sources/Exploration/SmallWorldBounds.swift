/// How far the small worlds go.
///
/// Within these bounds everything is covered; what they leave out is left out on purpose.
package struct SmallWorldBounds: Hashable, Sendable {
  /// How many requests clients submit, each at any leader at any moment.
  package var entries: Int
  /// How many crashes there are, each at any node at any moment; any beginning of the records on
  /// their way to the disk survives.
  package var crashes: Int
  /// How many timers run out: an election timer of whoever is not the leader, or a leader's
  /// patience (it then sends again, and counts whom it has heard).
  package var timeouts: Int
  /// Which of a leader's messages are all lost.
  package var lost: LostMessages
  /// Whether a disk may confirm any beginning of the records on their way to it; if not, it
  /// confirms all of them at once.
  package var partialSyncs: Bool

  /// Bounds; with fewer than one timeout nothing ever happens.
  package init(
    entries: Int,
    crashes: Int,
    timeouts: Int,
    lost: LostMessages = .heartbeats,
    partialSyncs: Bool = false
  ) {
    self.entries = entries
    self.crashes = crashes
    self.timeouts = timeouts
    self.lost = lost
    self.partialSyncs = partialSyncs
  }
}
