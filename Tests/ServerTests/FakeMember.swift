import ClientProtocol
import Glibc
import Wire
import XCTest

/// A port where a member is expected, and the test answers.
final class FakeMember {
  let port: UInt16
  var address: String { "127.0.0.1:\(port)" }
  private let descriptor: Int32

  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var raw = sockaddr_in()
    raw.sin_family = sa_family_t(AF_INET)
    raw.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let result = withUnsafeMutablePointer(to: &raw) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
        bind(descriptor, raw, size) | listen(descriptor, 16) | getsockname(descriptor, raw, &size)
      }
    }
    guard result == 0 else { throw BlockingClient.Failure.noConnection }
    port = UInt16(bigEndian: raw.sin_port)
  }

  deinit { close(descriptor) }

  /// Whether somebody has dialed.
  var isDialed: Bool {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&request, 1, 0) == 1
  }

  /// Takes a connection; call it once somebody has dialed.
  func accept() -> BlockingClient {
    BlockingClient(accepted: Glibc.accept(descriptor, nil, nil))
  }
}

extension BlockingClient {
  /// Reads a hello and answers it as the member of this card.
  func welcome(as card: NodeCard, level: UInt16? = nil) throws {
    let (bytes, frame) = try nextFrame()
    var reader = ByteReader(bytes, frame.payload)
    let hello = try Hello(from: &reader)
    var writer = ByteWriter()
    var ack = HelloAck(
      version: 1,
      clusterHigh: hello.clusterHigh,
      clusterLow: hello.clusterLow,
      node: card
    )
    ack.featureLevel = level
    ack.writeFrame(into: &writer)
    try send(writer.bytes)
  }
}
