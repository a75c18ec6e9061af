import ClientProtocol
import Transport
import Wire

/// A client of the wire protocol that can do what a well-behaved one never does: send a write
/// twice, in the wrong order, or again when it was answered long ago.
struct SessionLine: Sendable {
  /// An answer to a write of the session.
  struct Answer: Sendable {
    let sequence: UInt64
    let reply: Reply
  }

  private let reader = FrameReader(sizeMax: Limits.frameSizeMax)
  private var socket: LocalSocket?
  private var unsent: [UInt8] = []
  private var received: [UInt8] = []
  /// The sequence that each request id of this connection is about.
  private var sequences: [UInt64: UInt64] = [:]
  private var lastRequest: UInt64 = 0

  /// Whether the connection may still be of use.
  var isOpen: Bool { socket != nil }

  /// Connects to a node; its greeting is on its way.
  mutating func open(_ address: SocketAddress) {
    socket = LocalSocket(address)
    unsent = []
    received = []
    sequences = [:]
    var writer = ByteWriter()
    let head = FrameHead(kind: FrameKind.hello.rawValue, requestID: 0)
    writer.writeFrame(head) { $0.write(Hello(speaker: .client(name: "jepsen-sessions"))) }
    transmit(writer.finish())
  }

  /// Leaves the node.
  mutating func close() { socket = nil }

  /// Asks for a session.
  mutating func openSession(nonce: UInt64) {
    send(.openSession(nonce: nonce), about: 0)
  }

  /// Sends a write of a session.
  mutating func send(_ write: WriteRequest) {
    send(.write(write), about: write.sequence)
  }

  private mutating func send(_ request: Request, about sequence: UInt64) {
    lastRequest += 1
    sequences[lastRequest] = sequence
    var writer = ByteWriter()
    request.writeFrame(into: &writer, requestID: lastRequest)
    transmit(writer.finish())
  }

  private mutating func transmit(_ bytes: [UInt8]) {
    unsent += bytes
    guard let count = socket?.send(unsent) else { return close() }
    unsent.removeFirst(count)
  }

  /// The answers that have arrived; a connection that ended, or talks nonsense, is closed.
  mutating func answers() -> [Answer] {
    if !unsent.isEmpty { transmit([]) }
    guard let bytes = socket?.receive() else {
      socket = nil
      return []
    }
    received += bytes
    var answers: [Answer] = []
    var place = 0
    do throws(WireError) {
      while let view = try reader.next(in: received, place..<received.count) {
        place = view.end
        guard view.head.kind != FrameKind.helloAck.rawValue else { continue }
        let reply = try Reply(in: received, view)
        let sequence = sequences.removeValue(forKey: view.head.requestID) ?? 0
        answers.append(Answer(sequence: sequence, reply: reply))
      }
    } catch {
      socket = nil
    }
    received.removeFirst(place)
    return answers
  }
}
