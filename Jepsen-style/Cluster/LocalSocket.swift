import CSystem
import Glibc
import Transport

/// A connection to a node that never waits: bytes out, bytes in.
final class LocalSocket: Sendable {
  private static let pieceSize = 16 << 10

  private let descriptor: Int32

  /// A connection under way to an address in numbers; nil if nobody can be there.
  init?(_ address: SocketAddress) {
    var raw = lockstep_address()
    // Both calls keep to the one structure, and the host's text ends with a zero.
    guard unsafe lockstep_address_numeric(address.host, address.port, &raw) == 0 else { return nil }
    let opened = unsafe lockstep_socket_connect(&raw)
    guard opened >= 0 else { return nil }
    descriptor = opened
  }

  deinit { close(descriptor) }

  /// How many of these bytes are on their way now; nil if the connection has ended.
  func send(_ bytes: [UInt8]) -> Int? {
    // `send` reads at most the array's own bytes.
    let count = unsafe bytes.withUnsafeBytes { buffer in
      unsafe Glibc.send(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
    }
    guard count < 0 else { return count }
    return [EAGAIN, EINTR, ENOTCONN].contains(errno) ? 0 : nil
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
