import ClientProtocol
import Dispatch
import Synchronization
import Transport
import Wire

/// An event loop on a thread of its own, which takes notes and answers on a loopback port.
final class LoopThread<Note: Sendable>: Sendable {
  let port: UInt16
  private let thread: WorkerThread
  private let notes: Mailbox<Note>

  init(
    name: String,
    port wanted: UInt16 = 0,
    _ make: @escaping @Sendable (EventLoop, Mailbox<Note>) -> any FramePeer
  ) throws {
    let waker = try Waker()
    let notes = Mailbox<Note>(waking: waker)
    let bound = Mutexed<UInt16>(0)
    let isBound = DispatchSemaphore(value: 0)
    thread = try WorkerThread.start(name: name) {
      do {
        let loop = try EventLoop(waker: waker)
        let peer = make(loop, notes)
        let address = SocketAddress(host: "127.0.0.1", port: wanted)
        let listener = try loop.listen(on: address, connectionsMax: 100, delegate: peer)
        bound.value.withLock { $0 = listener.address.port }
        isBound.signal()
        try loop.run(peer)
        loop.close()
      } catch {
        fatalError("\(name) fails: \(error)")
      }
    }
    isBound.wait()
    port = bound.value.withLock { $0 }
    self.notes = notes
  }

  func tell(_ note: Note) { notes.post(note) }

  /// Ends it with a note that stops the loop, and waits until its port is free.
  func end(_ note: Note) {
    notes.post(note)
    thread.join()
  }
}

/// Hears what clients say on the port of a `LoopThread`, frame by frame.
protocol FramePeer: EventLoopDelegate, ConnectionDelegate {
  func receive(_ frame: FrameView, _ bytes: [UInt8], _ connection: Connection) throws
}

extension FramePeer {
  func timerFired(_ token: UInt64) {}
  func turnEnded() {}
  func acceptingPaused(_ listener: Listener, because error: TransportError) {}
  func connectionOpened(_ connection: Connection) {}
  func connectionDrained(_ connection: Connection) {}
  func connectionClosed(_ connection: Connection, reason: CloseReason) {}

  func connection(_ connection: Connection, received bytes: [UInt8], in range: Range<Int>) -> Int {
    var start = range.lowerBound
    do {
      let reader = FrameReader(sizeMax: Limits.frameSizeMax)
      while connection.isOpen, let frame = try reader.next(in: bytes, start..<range.upperBound) {
        try receive(frame, bytes, connection)
        start = frame.end
      }
    } catch {
      fatalError("the client sends what nobody can read: \(error)")
    }
    return start - range.lowerBound
  }
}

/// A value that threads share.
final class Mutexed<Value: Sendable>: Sendable {
  let value: Mutex<Value>

  init(_ value: Value) { self.value = Mutex(value) }
}
