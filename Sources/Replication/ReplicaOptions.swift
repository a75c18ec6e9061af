/// Limits of a replica.
package struct ReplicaOptions: Sendable {
  /// The most requests and reads that may wait at once; more are refused as overloaded.
  package var pendingMax = 65_536
  /// How long a request sent to the leader is waited for, in microseconds.
  package var forwardTimeoutMicroseconds: UInt64 = 1_000_000
  /// How long a read that is compared with other nodes' waits for the state.
  package var fastReadPatienceMicroseconds: UInt64 = 20_000
  /// The most unanswered bytes on their way to the leader: more would make a heartbeat wait.
  package var forwardedSizeMax = 4 << 20
  /// The most bytes handed to the journal and not yet durable before clients' writes are refused:
  /// a crowd of writers must not look like a hung disk.
  package var unsyncedSizeMax = 16 << 20
  /// Reads and ordered requests are answered until this many bytes are reached in a turn; the
  /// others follow in the next.
  package var answerSizeMax = 2 << 20
  /// What the answer to a read counts for besides its bytes: the smallest has to be found, too.
  package var answerOverhead = 128
  /// What each byte of a question counts for: an id of fifty decimals takes 0.1 ms to understand.
  package var queryWeight = 8
  /// The state is frozen for a snapshot when the log has grown by this much since the last one, or
  /// by as much as that one is large.
  package var snapshotLogSizeMin = 256 << 20
  /// Clients' writes are refused when the journal has less room than this without its spare, but
  /// for removals: those are refused when less than a quarter of it is left.
  package var journalReserveBytes = 2 << 20

  /// The shipped limits.
  package init() {}

  /// What a question of so many bytes counts for, beside the bytes of its answer.
  func cost(ofQuery size: Int) -> Int { answerOverhead + queryWeight * size }
}
