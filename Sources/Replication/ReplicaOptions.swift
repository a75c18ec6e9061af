/// Limits of a replica.
package struct ReplicaOptions: Sendable {
  /// The most requests and reads that may wait at once; more are refused as overloaded.
  package var pendingMax = 65_536
  /// How long a request sent to the leader is waited for, in microseconds.
  package var forwardTimeoutMicroseconds: UInt64 = 1_000_000
  /// Clients' writes are refused when the journal has less room than this without its spare.
  package var journalReserveBytes = 1 << 20

  /// The shipped limits.
  package init() {}
}
