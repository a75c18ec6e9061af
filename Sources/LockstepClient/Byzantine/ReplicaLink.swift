import Transport

/// A member and the connection to it; it lives on the driver's thread.
final class ReplicaLink {
  /// No further envelope is sent while so many bytes wait for the kernel; an envelope is smaller.
  private static let pendingBytesMax = 8 << 20

  /// How far the connection is.
  enum State {
    /// None; another attempt is due at this time.
    case idle(notBefore: UInt64)
    /// The socket is being connected and secured.
    case connecting(Connection)
    /// Our hello is on its way.
    case greeting(Connection, since: UInt64)
    /// Envelopes can be sent.
    case ready(Connection)
  }

  let node: ClusterCredentials.Node
  var state = State.idle(notBefore: 0)
  /// Attempts to connect that failed, since the last that did not.
  var failures = 0
  /// Why there is no connection.
  var lastError: LockstepError?
  /// The view that it says it is in.
  var view: UInt64 = 0
  /// Calls that this node alone answers, by request id.
  var inFlight: [UInt64: Call] = [:]

  init(_ node: ClusterCredentials.Node) {
    self.node = node
  }

  /// The connection, if envelopes can be sent on it.
  var ready: Connection? {
    if case .ready(let connection) = state { connection } else { nil }
  }

  /// Whether an envelope can be sent now: more bytes than a connection keeps would break it.
  var hasRoom: Bool { ready.map { $0.pendingOutBytes < Self.pendingBytesMax } ?? false }

  /// The connection, however far it is.
  var connection: Connection? {
    switch state {
    case .idle: nil
    case .connecting(let connection), .greeting(let connection, _), .ready(let connection):
      connection
    }
  }
}
