/// A listening socket on an event loop.
///
/// Lives on the loop's thread.
package final class Listener {
  /// Where it listens; the port is the real one even if 0 was asked for.
  package let address: SocketAddress

  /// The most connections it keeps open; further ones are closed as soon as they come.
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

  /// Stops listening; connections that were accepted live on.
  package func close() {
    loop?.release(self)
  }
}
