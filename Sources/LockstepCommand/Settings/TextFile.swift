import Glibc

/// Reads and writes whole files of text.
enum TextFile {
  /// Files of configuration are never larger.
  private static let sizeMax = 1 << 20

  /// The text of a file, nil if there is none.
  static func read(_ path: String) throws(CommandFailure) -> String? {
    guard let bytes = try readIfPresent(path, max: sizeMax) else { return nil }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .file(path, "is not UTF-8 text")
    }
    return text
  }

  /// The bytes of a file that need not be text.
  static func readBytes(_ path: String, max limit: Int) throws(CommandFailure) -> [UInt8] {
    guard let bytes = try readIfPresent(path, max: limit) else {
      throw .file(path, problem(ENOENT))
    }
    return bytes
  }

  /// The bytes of a file, nil if there is none.
  static func readIfPresent(
    _ path: String,
    max limit: Int
  ) throws(CommandFailure) -> [UInt8]? {
    // `open` reads the path up to its end and keeps nothing.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      var failure = CommandFailure.file(path, problem(errno))
      failure.isDenied = errno == EACCES
      throw failure
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      // `read` fills at most the chunk's own bytes.
      let count = unsafe chunk.withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      }
      guard count >= 0 else { throw .file(path, problem(errno)) }
      guard count > 0 else { break }
      bytes += chunk[..<count]
      guard bytes.count <= limit else { throw .file(path, "is larger than \(limit >> 20) MiB") }
    }
    return bytes
  }

  /// Writes a new file, whole or not at all; one that exists already is never touched.
  static func create(_ path: String, _ text: String) throws(CommandFailure) {
    try create(path, Array(text.utf8))
  }

  /// The same with bytes that need not be text.
  static func create(_ path: String, _ bytes: [UInt8]) throws(CommandFailure) {
    try NewFile(path).write(bytes)
  }

  /// The system's sentence for an error number.
  static func problem(_ number: Int32) -> String {
    // `strerror` returns a string of the system's that lives until the next call.
    unsafe String(cString: strerror(number)).lowercased()
  }
}
