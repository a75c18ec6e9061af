import Glibc

/// A file that was not there before, and is not there afterwards unless it was written whole.
///
/// A file of another name stands for it before the work whose result it is to hold: a name that is
/// taken, or a folder that takes no files, is found out before anything has happened, and however
/// the process ends, the name is never that of an empty file.
final class NewFile {
  let path: String
  private let draft: String
  private let descriptor: Int32

  /// Makes its draft; a file that exists already is never touched.
  init(_ path: String) throws(CommandFailure) {
    // `access` and `open` read the paths up to their ends and keep nothing.
    guard unsafe access(path, F_OK) != 0 else { throw Self.failure(path, EEXIST) }
    draft = "\(path).\(getpid()).tmp"
    descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.failure(path, errno) }
    self.path = path
  }

  deinit {
    close(descriptor)
    // `unlink` reads the path up to its end and keeps nothing.
    unsafe _ = unlink(draft)
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
      guard count > 0 else { throw Self.failure(path, errno) }
      rest = rest.dropFirst(count)
    }
    guard fsync(descriptor) == 0 else { throw Self.failure(path, errno) }
    // `link` reads both paths up to their ends; it takes no name that is another file's.
    guard unsafe link(draft, path) == 0 else { throw Self.failure(path, errno) }
    try syncFolder()
  }

  private func syncFolder() throws(CommandFailure) {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    // `open` reads the path up to its end and keeps nothing.
    let number = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard number >= 0 else { throw Self.failure(folder, errno) }
    defer { close(number) }
    guard fsync(number) == 0 else { throw Self.failure(folder, errno) }
  }

  private static func failure(_ path: String, _ number: Int32) -> CommandFailure {
    let hint = number == EEXIST ? "choose another name, or remove it first" : nil
    return .file(path, TextFile.problem(number), hint: hint)
  }
}
