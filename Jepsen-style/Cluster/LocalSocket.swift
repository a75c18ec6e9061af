import Glibc

/// A connection to a port of this machine that never waits: bytes out, bytes in.
final class LocalSocket: Sendable {
  private static let pieceSize = 16 << 10

  private let descriptor: Int32

  /// A connection under way; nil if the port refuses.
  init?(port: UInt16) {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_NONBLOCK | O_CLOEXEC, 0)
    guard descriptor >= 0 else { return nil }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    // The kernel reads the one structure whose address and size it is given.
    let status = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general in
        unsafe connect(descriptor, general, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 || errno == EINPROGRESS else { return nil }
  }

  deinit { close(descriptor) }

  /// Sends bytes, all of them or none that count: false if the connection is of no use any more.
  func send(_ bytes: [UInt8]) -> Bool {
    // `send` reads at most the array's own bytes.
    let count = unsafe bytes.withUnsafeBytes { buffer in
      unsafe Glibc.send(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
    }
    return count == bytes.count
  }

  /// The bytes that have arrived; nil if the connection has ended.
  func receive() -> [UInt8]? {
    var piece = [UInt8](repeating: 0, count: Self.pieceSize)
    // `recv` fills at most the piece's own bytes.
    let count = unsafe piece.withUnsafeMutableBytes { buffer in
      unsafe recv(descriptor, buffer.baseAddress, buffer.count, 0)
    }
    guard count != 0 else { return nil }
    guard count > 0 else {
      return [EAGAIN, EINTR, ENOTCONN].contains(errno) ? [] : nil
    }
    return Array(piece[..<count])
  }
}
