import Glibc
import Wire
import XCTest

/// One side of a TCP connection that blocks, half a minute at most.
final class ToySocket {
  private let descriptor: Int32

  init(accepted descriptor: Int32) {
    self.descriptor = descriptor
    var time = timeval(tv_sec: 30, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, size)
  }

  /// Dials `127.0.0.1:PORT`.
  convenience init(dialing address: String) throws {
    let port = try XCTUnwrap(address.split(separator: ":").last.flatMap { UInt16($0) })
    self.init(accepted: socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
    var raw = ToyPeer.loopback(port: port)
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let result = withUnsafePointer(to: &raw) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
    }
    XCTAssertEqual(result, 0)
  }

  deinit { close(descriptor) }

  func send(_ bytes: [UInt8]) {
    XCTAssertEqual(
      Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)),
      bytes.count
    )
  }

  /// So many bytes, or fewer if the other side ends before, or says nothing for half a minute.
  func receive(_ count: Int) -> [UInt8] {
    var received: [UInt8] = []
    while received.count < count {
      var piece = [UInt8](repeating: 0, count: count - received.count)
      let size = recv(descriptor, &piece, piece.count, 0)
      guard size > 0 else { break }
      received += piece.prefix(size)
    }
    return received
  }

  /// Whether the other side has ended, or broken off, with nothing more to say.
  var isEnded: Bool {
    var byte: UInt8 = 0
    let size = recv(descriptor, &byte, 1, 0)
    return size == 0 || size < 0 && errno == ECONNRESET
  }
}

/// A port at which the test awaits calls.
final class ToyPeer {
  let port: UInt16
  var address: String { "127.0.0.1:\(port)" }
  private let descriptor: Int32

  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var raw = Self.loopback(port: 0)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let result = withUnsafeMutablePointer(to: &raw) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
        bind(descriptor, raw, size) | listen(descriptor, 16) | getsockname(descriptor, raw, &size)
      }
    }
    XCTAssertEqual(result, 0)
    port = UInt16(bigEndian: raw.sin_port)
  }

  deinit { close(descriptor) }

  func accept() -> ToySocket {
    ToySocket(accepted: Glibc.accept(descriptor, nil, nil))
  }

  static func loopback(port: UInt16) -> sockaddr_in {
    var raw = sockaddr_in()
    raw.sin_family = sa_family_t(AF_INET)
    raw.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    raw.sin_port = port.bigEndian
    return raw
  }

  /// A frame between members.
  static func frame(_ text: String, kind: UInt8 = 96) -> [UInt8] {
    var writer = ByteWriter()
    writer.writeFrame(FrameHead(kind: kind, requestID: 0)) { $0.writeRaw(Array(text.utf8)) }
    return writer.bytes
  }
}
