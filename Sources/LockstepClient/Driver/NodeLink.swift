import Transport

/// A node's address and the connection to it; it lives on the driver's thread.
final class NodeLink {
  /// How far the connection is.
  enum State {
    /// None; another attempt is due at this time.
    case idle(notBefore: UInt64)
    /// The socket is being connected.
    case connecting(Connection)
    /// Our hello is on its way.
    case greeting(Connection, since: UInt64)
    /// Requests can be sent.
    case ready(Connection)
    /// Another address leads to the same node, and is connected already.
    case alias
  }

  /// Where the node is.
  let address: SocketAddress
  /// The link's place among the driver's links, which its connections carry as a tag.
  let index: Int
  /// How far the connection is.
  var state: State = .idle(notBefore: 0)
  /// The node's number, once it has told it.
  var nodeID: UInt32?
  /// Attempts to connect that failed, since the last that did not.
  var failures = 0
  /// Why there is no connection.
  var lastError: LockstepError?
  /// It owes answers and has been silent: nothing is sent here until it speaks again.
  var isSuspect = false
  /// A sign of life has been asked for and has not come.
  var isPinged = false
  /// Since when it owes an answer.
  var waitingSince: UInt64 = 0
  /// The requests that may be in flight.
  var window = 0
  /// Calls waiting for an answer here, by request id.
  var inFlight: [UInt64: Call] = [:]

  init(address: SocketAddress, index: Int) {
    self.address = address
    self.index = index
  }

  /// The connection, if requests can be sent on it.
  var ready: Connection? {
    if case .ready(let connection) = state { connection } else { nil }
  }

  /// Whether calls may be sent here now.
  var isUsable: Bool {
    ready != nil && !isSuspect && inFlight.count < window
  }

  /// The calls that wait here, oldest first.
  var waitingCalls: [Call] {
    inFlight.sorted { $0.key < $1.key }.map(\.value)
  }
}
