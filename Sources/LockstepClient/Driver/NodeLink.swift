import Transport

/// A node's address and the connection to it; it lives on the driver's thread.
final class NodeLink {
  /// No further request is sent while so many bytes wait for the kernel; a frame is smaller.
  private static let pendingBytesMax = 8 << 20

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
  /// A call was not sent for want of room: the next ones go when half of it is free again.
  var isFull = false
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

  /// Whether nothing is known yet of who is at the address.
  var isUnheard: Bool { ready == nil && !isAlias && failures == 0 }

  /// Whether nothing is under way.
  var isIdle: Bool {
    if case .idle = state { true } else { false }
  }

  /// Whether the node is there and answers.
  var isReachable: Bool { ready != nil && !isSuspect }

  /// Whether calls may be sent here now.
  var isUsable: Bool { isReachable && hasRoom(1) }

  /// Whether calls that waited for room may go on.
  var isRelieved: Bool { isFull && isReachable && hasRoom(2) }

  /// Whether the requests under way, and the bytes that wait to be sent, take at most a part of
  /// what they may: more bytes than a connection keeps would break it.
  private func hasRoom(_ parts: Int) -> Bool {
    guard let ready else { return false }
    return inFlight.count <= (window - 1) / parts
      && ready.pendingOutBytes < Self.pendingBytesMax / parts
  }

  /// The calls that wait here, oldest first.
  var waitingCalls: [Call] {
    inFlight.sorted { $0.key < $1.key }.map(\.value)
  }
}
