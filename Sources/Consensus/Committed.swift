/// An entry that a quorum holds durably: to be applied, once, in order of index.
package struct Committed: Sendable {
  /// What an entry can hold.
  package enum Payload: Sendable {
    /// A client's request.
    case request(ClientRequest)
    /// A request that the client of this number has signed.
    ///
    /// Indirect, so that it makes no other entry larger.
    indirect case signed(ClientRequest, by: ClientNumber)
    /// The empty entry at the start of a term.
    case noOp
    /// The members and settings from here on.
    case configuration(ClusterConfiguration)
  }

  /// Its place in the log.
  package var index: LogIndex
  /// The term in which it was proposed.
  package var term: Term
  /// Microseconds that leaders have been in office; never goes back, and decides expiry.
  package var logTimeMicroseconds: UInt64
  /// The leader's wall clock in milliseconds; used for values only.
  package var wallMilliseconds: UInt64
  /// What it holds.
  package var payload: Payload

  package init(
    index: LogIndex,
    term: Term,
    logTimeMicroseconds: UInt64,
    wallMilliseconds: UInt64,
    payload: Payload
  ) {
    self.index = index
    self.term = term
    self.logTimeMicroseconds = logTimeMicroseconds
    self.wallMilliseconds = wallMilliseconds
    self.payload = payload
  }
}
