import Glibc

/// Reads a file, or standard input, line by line, however large it is.
struct LineReader: ~Copyable {
  /// The longest line: the largest document there is, written generously.
  private static let lineSizeMax = 64 << 20

  /// The number of the line that was read last, from 1.
  private(set) var line = 0
  let path: String
  /// Asked while nothing comes: whether to take that for the end.
  var isStopped: @Sendable () -> Bool = { false }
  private static let pollMilliseconds: Int32 = 100
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var position = 0
  private var isAtEnd = false

  /// Opens a file; `-` is standard input.
  init(_ path: String) throws(CommandFailure) {
    self.path = path == "-" ? "standard input" : path
    // `open` reads the path up to its end and keeps nothing.
    descriptor = path == "-" ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .file(path, TextFile.problem(errno))
    }
  }

  deinit {
    if descriptor != STDIN_FILENO { close(descriptor) }
  }

  /// How many bytes the file has; 0 if that is not known.
  var fileSize: Int {
    var status = stat()
    // `fstat` writes the one structure whose address it is given.
    return unsafe fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
  }

  /// The next line without its end; nil after the last.
  mutating func next() throws(CommandFailure) -> [UInt8]? {
    var searched = position
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { position = end + 1 }
        line += 1
        return Array(buffer[position..<end])
      }
      searched = buffer.count
      guard !isAtEnd else { return lastLine() }
      guard buffer.count - position <= Self.lineSizeMax else {
        throw .file(path, "line \(line + 1) is longer than 64 MiB")
      }
      let kept = searched - position
      try fill()
      searched = min(kept, buffer.count)
    }
  }

  /// Everything that is left, byte for byte.
  mutating func rest() throws(CommandFailure) -> [UInt8] {
    while !isAtEnd {
      guard buffer.count - position <= Self.lineSizeMax else {
        throw .file(path, "it is longer than 64 MiB")
      }
      try fill()
    }
    defer { position = buffer.count }
    return Array(buffer[position...])
  }

  private mutating func lastLine() -> [UInt8]? {
    guard position < buffer.count else { return nil }
    defer { position = buffer.count }
    line += 1
    return Array(buffer[position...])
  }

  /// Waits until there is something to read, or the end; false if nobody wants it any more.
  private func waitsForMore() -> Bool {
    var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    // `poll` reads and fills the one structure whose address it is given.
    while unsafe poll(&waited, 1, Self.pollMilliseconds) == 0 {
      if isStopped() { return false }
    }
    return true
  }

  /// Drops what has been read and appends what comes next.
  private mutating func fill() throws(CommandFailure) {
    buffer.removeFirst(position)
    position = 0
    guard waitsForMore() else {
      // What has come of a line is none.
      buffer = []
      isAtEnd = true
      return
    }
    let start = buffer.count
    buffer += [UInt8](repeating: 0, count: 256 << 10)
    // `read` fills at most the bytes that were just appended.
    let count = unsafe buffer.withUnsafeMutableBytes { bytes in
      unsafe read(descriptor, bytes.baseAddress?.advanced(by: start), bytes.count - start)
    }
    buffer.removeLast(buffer.count - start - max(0, count))
    guard count >= 0 else { throw .file(path, TextFile.problem(errno)) }
    isAtEnd = count == 0
  }
}
