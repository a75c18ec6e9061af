import Glibc

/// A file that was not there before, and is not there afterwards unless it was written whole.
///
/// It is made before the work whose result it is to hold: a name that is taken, or a folder that
/// takes no files, is found out before anything has happened.
final class NewFile {
  let path: String
  private let descriptor: Int32
  private var isWhole = false

  /// Makes it; one that exists already is never touched.
  init(_ path: String) throws(CommandFailure) {
    // `open` reads the path up to its end and keeps nothing.
    let number = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard number >= 0 else {
      let hint = errno == EEXIST ? "choose another name, or remove it first" : nil
      throw .file(path, TextFile.problem(errno), hint: hint)
    }
    self.path = path
    descriptor = number
  }

  deinit {
    close(descriptor)
    // `unlink` reads the path up to its end and keeps nothing.
    if !isWhole { unsafe _ = unlink(path) }
  }

  /// Writes all that it is to hold, and returns once that survives a power cut.
  func write(_ bytes: [UInt8]) throws(CommandFailure) {
    var rest = bytes[...]
    while !rest.isEmpty {
      // `write` reads at most the slice's own bytes.
      let count = unsafe rest.withUnsafeBytes { buffer in
        unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .file(path, TextFile.problem(errno)) }
      rest = rest.dropFirst(count)
    }
    guard fsync(descriptor) == 0 else { throw .file(path, TextFile.problem(errno)) }
    isWhole = true
  }
}
