/// What happens inside a client, for logs and metrics.
public enum ClientEvent: Sendable {
  /// A node was reached.
  case connected(node: UInt32, address: String)
  /// The connection to a node ended.
  case disconnected(address: String, reason: String)
  /// Another node leads, as far as this client knows.
  case leaderChanged(node: UInt32, address: String)
  /// A node says something else than what is proven: it lies, or its state is damaged. Only in a
  /// cluster of mode bft.
  case contradicted(node: UInt32, requestID: UInt64)
  /// A call is sent again, and why.
  case retrying(requestID: UInt64, code: LockstepError.Code?, attempt: Int)
  /// A call has ended, with an error or without.
  case finished(requestID: UInt64, operation: String, duration: Duration, error: LockstepError?)
}
