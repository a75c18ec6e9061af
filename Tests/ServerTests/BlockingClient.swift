import ClientProtocol
import Glibc
import Transport
import Wire
import XCTest

/// The simplest client there is: one socket, one request at a time, every wait bounded.
final class BlockingClient {
  private let descriptor: Int32
  private var received: [UInt8] = []
  /// What the bytes go through, where a node wants to know whom it speaks to.
  private var channel: (any SecureChannel)?
  private var nextRequestID: UInt64 = 1
  private(set) var ack: HelloAck?

  init(_ address: String, patienceSeconds: Int = 30) throws {
    let parsed = try SocketAddress(parsing: address)
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var raw = sockaddr_in()
    raw.sin_family = sa_family_t(AF_INET)
    raw.sin_port = parsed.port.bigEndian
    raw.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafePointer(to: &raw) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
    }
    guard result == 0 else { throw Failure.noConnection }
    limitWaiting(to: patienceSeconds)
  }

  /// The other end of a connection that somebody else dialed.
  init(accepted descriptor: Int32) {
    self.descriptor = descriptor
    limitWaiting(to: 30)
  }

  private func limitWaiting(to seconds: Int) {
    var limit = timeval(tv_sec: seconds, tv_usec: 0)
    setsockopt(
      descriptor,
      SOL_SOCKET,
      SO_RCVTIMEO,
      &limit,
      socklen_t(MemoryLayout<timeval>.size)
    )
  }

  deinit { close(descriptor) }

  /// Shows who this is, and learns who the other side is.
  func secure(with channel: any SecureChannel) throws {
    self.channel = channel
    _ = channel.begin()
    try sendWire(of: channel)
    while !channel.isEstablished { try receiveMore() }
  }

  enum Failure: Error {
    case noConnection, closed, silent
  }

  func greet() throws {
    try say(Hello(speaker: .client(name: "test")))
    try takeAck()
  }

  func takeAck() throws {
    let (bytes, frame) = try nextFrame()
    var reader = ByteReader(bytes, frame.payload)
    ack = try HelloAck(from: &reader)
  }

  /// Says hello without waiting for the answer.
  func say(_ hello: Hello) throws {
    var writer = ByteWriter()
    hello.writeFrame(into: &writer)
    try send(writer.bytes)
  }

  /// The error that the other side answers with.
  func nextError() throws -> Reply.Refused {
    let (reply, _, _) = try nextReply()
    guard case .error(let refused) = reply.body else { throw Failure.silent }
    return refused
  }

  func ask(_ request: Request, flags: FrameFlags = []) throws -> Reply {
    let id = try post(request, flags: flags)
    while true {
      let (reply, requestID, _) = try nextReply()
      if requestID == id { return reply }
    }
  }

  @discardableResult
  func post(
    _ request: Request,
    flags: FrameFlags = [],
    id: UInt64? = nil,
    deadlineMilliseconds: UInt32 = 4_000
  ) throws -> UInt64 {
    let requestID = id ?? nextRequestID
    if id == nil { nextRequestID += 1 }
    try send(Self.frame(request, requestID, flags, deadlineMilliseconds))
    return requestID
  }

  /// Sends many requests in one piece; their ids count from the result on.
  @discardableResult
  func post(_ requests: [Request], flags: FrameFlags = [], deadlineMilliseconds: UInt32 = 4_000)
    throws -> UInt64
  {
    let first = nextRequestID
    nextRequestID += UInt64(requests.count)
    var bytes: [UInt8] = []
    for (place, request) in requests.enumerated() {
      bytes += Self.frame(request, first + UInt64(place), flags, deadlineMilliseconds)
    }
    try send(bytes)
    return first
  }

  static func frame(
    _ request: Request,
    _ requestID: UInt64,
    _ flags: FrameFlags,
    _ deadlineMilliseconds: UInt32
  ) -> [UInt8] {
    var writer = ByteWriter()
    request.writeFrame(
      into: &writer,
      requestID: requestID,
      flags: flags,
      deadlineMilliseconds: deadlineMilliseconds
    )
    return writer.bytes
  }

  func nextReply() throws -> (Reply, requestID: UInt64, more: Bool) {
    let (bytes, frame) = try nextFrame()
    return (try Reply(in: bytes, frame), frame.head.requestID, frame.head.flags.contains(.more))
  }

  func send(_ bytes: [UInt8]) throws {
    guard let channel else { return try sendRaw(bytes) }
    guard channel.send(bytes, 0..<bytes.count) == .well else { throw Failure.closed }
    try sendWire(of: channel)
  }

  private func sendWire(of channel: any SecureChannel) throws {
    var wire: [UInt8] = []
    channel.takeWire(into: &wire)
    if !wire.isEmpty { try sendRaw(wire) }
  }

  private func sendRaw(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Failure.closed }
      sent += count
    }
  }

  /// Whether the other side has ended the connection, after everything it said was read.
  func isClosedByPeer() -> Bool {
    do {
      _ = try readToEnd()
      return true
    } catch {
      return false
    }
  }

  /// Everything that the other side says until it ends the connection.
  func readToEnd() throws -> [UInt8] {
    do {
      while true { try receiveMore() }
    } catch Failure.closed {
      return received
    }
  }

  func nextFrame() throws -> ([UInt8], FrameView) {
    let reader = FrameReader(sizeMax: Limits.frameSizeMax)
    while true {
      if let frame = try reader.next(in: received, 0..<received.count) {
        let bytes = Array(received[..<frame.end])
        received.removeFirst(frame.end)
        return (bytes, frame)
      }
      try receiveMore()
    }
  }

  private func receiveMore() throws {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    if count == 0 { throw Failure.closed }
    // A process that was halted for a moment is told so by its calls (EINTR).
    if count < 0, errno == EINTR { return }
    if count < 0 { throw errno == ECONNRESET ? Failure.closed : Failure.silent }
    guard let channel else { return received.append(contentsOf: buffer[..<count]) }
    let before = received.count
    let progress = channel.receive(buffer, 0..<count, into: &received)
    try sendWire(of: channel)
    if progress != .well, received.count == before { throw Failure.closed }
  }
}
