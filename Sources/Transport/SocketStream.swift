import CSystem
import Glibc

/// The raw bytes of one connection, as the kernel takes and gives them.
///
/// A secure channel stands between these and the owner (`EventLoop+Channels`).
struct SocketStream {
  /// How far a read or a write got.
  enum Progress {
    case moved(Int)
    /// Nothing now; the poller tells when to ask again.
    case blocked
    /// The other side has said all it will say.
    case ended
    case failed(errno: Int32)
  }

  let descriptor: Int32

  /// Reads at most `limit` bytes to the start of `bytes`, which is at least that large.
  func receive(into bytes: inout [UInt8], limit: Int) -> Progress {
    let size = min(limit, bytes.count)
    // `size` is at most the array's count.
    let result = unsafe bytes.withUnsafeMutableBytes {
      unsafe lockstep_socket_receive(descriptor, $0.baseAddress, size)
    }
    return result == 0 ? .ended : progress(result)
  }

  /// Writes as many bytes of the range as the kernel takes.
  func send(_ bytes: [UInt8], _ range: Range<Int>) -> Progress {
    // Slicing checks that the range lies within the array.
    let result = unsafe bytes[range].withUnsafeBytes {
      unsafe lockstep_socket_send(descriptor, $0.baseAddress, $0.count)
    }
    return progress(result)
  }

  private func progress(_ result: Int) -> Progress {
    if result >= 0 { return .moved(result) }
    let number = Int32(truncatingIfNeeded: -result)
    return number == EAGAIN || number == EINTR ? .blocked : .failed(errno: number)
  }
}
