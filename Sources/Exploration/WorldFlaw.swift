/// A wrong done to the nodes on purpose, to prove that the explorer finds violations.
package enum WorldFlaw: String, CaseIterable, Sendable {
  /// Disks and network do what they should.
  case none
  /// A crash leaves the terms on the disk and forgets the votes given in them.
  case votesForgotten = "votes-forgotten"
  /// Promises leave without waiting for the disk.
  case promisesEarly = "promises-early"
  /// A crash loses the last entry that the disk had confirmed.
  case syncedLost = "synced-lost"
  /// A refused vote arrives as a vote.
  case refusalsGranted = "refusals-granted"
}
