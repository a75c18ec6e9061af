import Glibc

/// Writes text to standard output or standard error, whole and in order.
enum StandardStream: Int32 {
  case output = 1
  case error = 2

  /// Writes a line.
  func writeLine(_ line: String) {
    write(Array((line + "\n").utf8))
  }

  /// Writes bytes; a reader that went away ends the process quietly, as `head` expects.
  func write(_ bytes: [UInt8]) {
    var offset = 0
    while offset < bytes.count {
      // `write` reads at most the bytes behind `offset`, which the array holds.
      let count = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.write(rawValue, buffer.baseAddress?.advanced(by: offset), bytes.count - offset)
      }
      if count > 0 {
        offset += count
      } else if errno != EINTR && errno != EAGAIN {
        exit(self == .output && errno != EPIPE ? 1 : 0)
      }
    }
  }
}
