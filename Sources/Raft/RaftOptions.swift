/// The times and limits of one node; all nodes of a cluster may differ in them without harm.
package struct RaftOptions: Hashable, Sendable {
  /// How often a leader speaks to its followers when there is nothing else to say.
  package var heartbeatMicroseconds: UInt64 = 50_000
  /// The shortest silence after which a follower gives its leader up.
  package var electionTimeoutMinMicroseconds: UInt64 = 150_000
  /// The longest such silence; also how long a leader goes on without word from a quorum.
  package var electionTimeoutMaxMicroseconds: UInt64 = 300_000
  /// A turn that begins this long after the last one gives every timer a second chance.
  package var lateTurnMicroseconds: UInt64 = 75_000
  /// How long a leader waits for its own disk before it hands over.
  package var diskBudgetMicroseconds: UInt64 = 2_000_000
  /// The same where a quorum still commits without it, but at least four times what its syncs
  /// took of late.
  package var diskLagMicroseconds: UInt64 = 500_000
  /// How long a follower may leave an appendEntries unanswered before it counts as lost.
  package var resendMicroseconds: UInt64 = 150_000
  /// The same for a part of a snapshot, which is written before it is answered.
  package var partResendMicroseconds: UInt64 = 500_000
  /// Where one appendEntries is split, in bytes; a single larger entry travels alone.
  package var appendSizeMax = 256 << 10
  /// The most unanswered bytes on their way to one follower.
  package var inFlightSizeMax = 4 << 20
  /// The most unanswered entries on their way to one follower.
  package var inFlightEntriesMax = 16_384
  /// The most bytes a leader proposes beyond what is committed.
  package var uncommittedSizeMax = 64 << 20
  /// The most reads that wait to be confirmed.
  package var readsWaitingMax = 65_536
  /// How many bytes of the entries that a snapshot includes are kept for slow followers.
  package var trailingSizeMax = 16 << 20
  /// How many of these entries are kept.
  package var trailingEntriesMax = 100_000
  /// The most bytes of entries kept for a follower that is being sent an older snapshot, where that
  /// is not larger itself.
  package var installTrailingSizeMax = 256 << 20
  /// How many entries are forgotten in one turn: freeing their memory takes time.
  package var trimmedEntriesMax = 512
  /// Whose word a started member needs before it votes, stands or is counted.
  package var admission = AdmissionRule.majority
  /// How long a strict member that a leader reaches waits for a voter that is silent, before it
  /// asks to come back as another member; nil: for ever.
  package var strictPatienceMicroseconds: UInt64? = 30_000_000
  /// The most bytes of entries that are gathered to fill a hole while nobody leads.
  package var repairSizeMax = 64 << 20
  /// How often members tell each other how far their journals reach, and write it down.
  package var newsMicroseconds: UInt64 = 1_000_000
  /// The most bytes of committed entries handed out in one turn; the next follows at once.
  package var committedSizeMax = 4 << 20

  /// The defaults.
  package init() {}
}
