import CSystem
import Glibc

extension EventLoop {
  /// The most connections accepted from one listener in one turn.
  private static let acceptsPerTurnMax = 64
  private static let acceptPauseMicroseconds: UInt64 = 100_000
  private static let backlog: Int32 = 1024

  /// Listens; every accepted connection gets `delegate`, and a channel of its own if there is a
  /// maker of channels: the owner hears of it when the other side has shown who it is.
  ///
  /// - Throws: `TransportError`: the address is in use, not ours, not allowed, or unknown.
  package func listen(
    on address: SocketAddress,
    connectionsMax: Int,
    securedBy makeChannel: (() -> any SecureChannel)? = nil,
    delegate: any ConnectionDelegate
  ) throws(TransportError) -> Listener {
    var raw = try address.resolved()
    // `raw` outlives the calls, the second of which writes one address into it.
    let descriptor = unsafe lockstep_socket_listen(&raw, EventLoop.backlog)
    guard descriptor >= 0 else {
      throw TransportError("listen", on: address.description, errno: -descriptor)
    }
    _ = unsafe lockstep_socket_local(descriptor, &raw)
    let actual = SocketAddress(host: address.host, port: SocketAddress(raw).port)
    do {
      try poller.add(descriptor, for: .readable)
    } catch {
      lockstep_close(descriptor)
      throw error
    }
    let listener = Listener(
      descriptor: descriptor,
      address: actual,
      connectionsMax: connectionsMax,
      makeChannel: makeChannel,
      owners: (self, delegate)
    )
    put(.listener(listener), at: descriptor)
    return listener
  }

  func accept(from listener: Listener, _ delegate: any EventLoopDelegate) {
    for _ in 0..<EventLoop.acceptsPerTurnMax {
      var peer = lockstep_address()
      // `peer` outlives the call, which writes one address.
      let descriptor = unsafe lockstep_socket_accept(listener.descriptor, &peer)
      if descriptor >= 0 {
        open(descriptor, SocketAddress(peer), from: listener)
        continue
      }
      switch -descriptor {
      case EAGAIN: return
      case EMFILE, ENFILE, ENOBUFS, ENOMEM:
        pauseAccepting(listener, errno: -descriptor, delegate)
        return
      default: break  // That connection ended while it waited; the next may be well.
      }
    }
  }

  private func open(_ descriptor: Int32, _ peer: SocketAddress, from listener: Listener) {
    guard hasRoom(listener) else {
      lockstep_close(descriptor)
      return
    }
    let id = newID(descriptor)
    let channel = listener.makeChannel?()
    let connection = Connection(
      id: id,
      peer: peer,
      state: channel == nil ? .open : securing(id),
      channel: channel,
      owners: (self, listener.delegate)
    )
    do {
      try register(connection)
    } catch {
      // The kernel could not watch it, and `register` has closed it: the peer sees that.
      listener.turnedAwayCount += 1
      return
    }
    listener.connectionsCount += 1
    connection.listener = listener
    if let channel {
      listener.noteStranger(id)
      secure(connection, with: channel)
    } else {
      listener.delegate.connectionOpened(connection)
    }
  }

  /// Whether there is room for a newcomer, or somebody makes way: those who say nothing must not
  /// keep those out who do.
  private func hasRoom(_ listener: Listener) -> Bool {
    guard listener.connectionsCount >= listener.connectionsMax else { return true }
    listener.turnedAwayCount += 1
    guard let stranger = listener.takeOldestStranger() else { return false }
    // Its owner has not been told of it yet.
    release(stranger)
    return true
  }

  private func securing(_ id: ConnectionID) -> Connection.State {
    let time = limits.handshakeMicroseconds
    return .securing(
      deadline: schedule(at: turnStart + time, .connectTimeout(id)),
      timeoutMicroseconds: time
    )
  }

  /// Without a free descriptor the queue stays ready: asking again at once would only spin.
  private func pauseAccepting(
    _ listener: Listener,
    errno number: Int32,
    _ delegate: any EventLoopDelegate
  ) {
    let error = TransportError("accept", on: listener.address.description, errno: number)
    do {
      try poller.change(listener.descriptor, to: [])
    } catch {
      delegate.acceptingPaused(listener, because: error)
      return
    }
    listener.isPaused = true
    _ = schedule(
      at: turnStart + EventLoop.acceptPauseMicroseconds,
      .acceptAgain(descriptor: listener.descriptor)
    )
    delegate.acceptingPaused(listener, because: error)
  }

  func acceptAgain(_ descriptor: Int32) {
    guard case .listener(let listener) = sources[Int(descriptor)], listener.isPaused else { return }
    do {
      try poller.change(descriptor, to: .readable)
      listener.isPaused = false
    } catch {
      _ = schedule(
        at: turnStart + EventLoop.acceptPauseMicroseconds,
        .acceptAgain(descriptor: descriptor)
      )
    }
  }

  func release(_ listener: Listener) {
    guard listener.loop != nil else { return }
    listener.loop = nil
    leave(listener.descriptor)
  }
}
