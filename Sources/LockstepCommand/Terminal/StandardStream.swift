import ClientProtocol
import Glibc

/// Writes text to standard output or standard error, whole and in order.
enum StandardStream: Int32 {
  case output = 1
  case error = 2

  /// Writes a line.
  func writeLine(_ line: String) {
    write(Array((line + "\n").utf8))
  }

  /// Takes the numbers of streams that are closed.
  ///
  /// No file gets them that would then be written to as if it were the stream. Each is opened the
  /// wrong way round, so that its use fails as before.
  static func reserveNumbers() {
    for number in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(number, F_GETFD) < 0 {
      // `open` reads the path up to its end, keeps nothing and gives the lowest free number.
      _ = unsafe open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }

  /// How a shell sees a process that ended because its reader was gone; never 0, which would say
  /// that the command had ended well.
  private static let readerGone = 128 + SIGPIPE

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
        return missed(because: errno)
      }
    }
  }

  /// What cannot be said on standard error is left out: how the command ends says the rest.
  private func missed(because number: Int32) {
    guard self == .output else { return }
    guard number != EPIPE else { exit(Self.readerGone) }
    let failure = CommandFailure.file(
      "standard output",
      TextFile.problem(number),
      hint: "what the command was to change is changed; only its result is lost"
    )
    for line in failure.lines { StandardStream.error.writeLine(line) }
    exit(failure.exitCode.rawValue)
  }
}
