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
    guard !Self.isTaken(path) else { throw Self.failure(path, EEXIST) }
    draft = "\(path).\(getpid()).tmp"
    // One of this name is left from a process that had our number. `unlink` and `open` read the
    // path up to its end and keep nothing.
    unsafe _ = unlink(draft)
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
    try giveName()
    do throws(CommandFailure) {
      try syncFolder()
    } catch {
      // Whoever is told that it failed must not find it there, nor be kept from trying again.
      unsafe _ = unlink(path)
      throw error
    }
  }

  /// No name is taken that is another file's; where there are no links, as far as one can see.
  private func giveName() throws(CommandFailure) {
    // `link` and `rename` read both paths up to their ends.
    if unsafe link(draft, path) == 0 { return }
    guard [EPERM, EOPNOTSUPP, ENOSYS].contains(errno), !Self.isTaken(path) else {
      throw Self.failure(path, errno)
    }
    guard unsafe rename(draft, path) == 0 else { throw Self.failure(path, errno) }
  }

  /// Whether anything has the name, a link to nowhere included.
  private static func isTaken(_ path: String) -> Bool {
    var found = stat()
    // `lstat` reads the path up to its end and writes one `stat` at most.
    return unsafe lstat(path, &found) == 0
  }

  private func syncFolder() throws(CommandFailure) {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    // `open` reads the path up to its end and keeps nothing.
    let number = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    // Whoever may write into a folder need not be allowed to read it.
    if number < 0, errno == EACCES { return }
    guard number >= 0 else { throw Self.failure(folder, errno) }
    defer { close(number) }
    // Some file systems sync no folders; then nothing better can be done.
    guard fsync(number) == 0 || errno == EINVAL || errno == EOPNOTSUPP else {
      throw Self.failure(folder, errno)
    }
  }

  private static func failure(_ path: String, _ number: Int32) -> CommandFailure {
    let hint = number == EEXIST ? "choose another name, or remove it first" : nil
    return .file(path, TextFile.problem(number), hint: hint)
  }
}
