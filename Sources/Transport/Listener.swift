/// A listening socket on an event loop.
///
/// Lives on the loop's thread.
package final class Listener {
  /// Where it listens; the port is the real one even if 0 was asked for.
  package let address: SocketAddress

  /// The most connections it keeps open; further ones are closed as soon as they come, unless
  /// somebody makes way who has not shown yet who it is.
  package let connectionsMax: Int

  /// How many of its connections are open.
  package internal(set) var connectionsCount = 0

  /// How many it has turned away because too many were open.
  package internal(set) var turnedAwayCount = 0

  let descriptor: Int32
  let delegate: any ConnectionDelegate
  /// What secures each connection; nil if their bytes go as they are.
  let makeChannel: (() -> any SecureChannel)?
  var loop: EventLoop?
  var isPaused = false
  /// Who has come and may not have shown yet who it is, oldest first.
  private var strangers: ArraySlice<ConnectionID> = []

  init(
    descriptor: Int32,
    address: SocketAddress,
    connectionsMax: Int,
    makeChannel: (() -> any SecureChannel)?,
    owners: (loop: EventLoop, delegate: any ConnectionDelegate)
  ) {
    self.descriptor = descriptor
    self.address = address
    self.connectionsMax = connectionsMax
    self.makeChannel = makeChannel
    loop = owners.loop
    delegate = owners.delegate
  }

  /// Somebody has come who has to show who it is.
  func noteStranger(_ id: ConnectionID) {
    strangers.append(id)
    // Most of them have shown it since.
    while strangers.count > 2 * connectionsMax { strangers.removeFirst() }
  }

  /// Whoever has been here for the longest without showing who it is; nil if nobody is.
  func takeOldestStranger() -> Connection? {
    while let id = strangers.popFirst() {
      guard let connection = loop?.connection(id) else { continue }
      if case .securing = connection.state { return connection }
    }
    return nil
  }

  /// Stops listening; connections that were accepted live on.
  package func close() {
    loop?.release(self)
  }
}
