import Glibc

/// A folder of the file system, by plain system calls.
///
/// `pwrite` and `fdatasync` on files of fixed size; O_DIRECT and O_DSYNC gain nothing (measured).
/// A failed write or sync is reported and never tried again: after EIO the kernel drops the
/// dirty pages, and a second `fdatasync` would succeed without them.
package final class PosixDisk: Disk {
  /// The folder's path, for messages.
  package let path: String

  private let folder: OpenFile
  private let isReadOnly: Bool

  /// Opens a folder, and makes it first, parents included, where `creating` says so.
  ///
  /// With `readOnly` its files can only be read: their owner may be at work.
  package init(
    path: String,
    creating: Bool = false,
    readOnly: Bool = false
  ) throws(DiskError) {
    if creating { try Self.makeFolder(path) }
    isReadOnly = readOnly
    // Each path below is a String that Swift passes as a NUL-terminated copy for the call.
    let descriptor = unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure("open", path) }
    self.path = path
    folder = Self.file(path, descriptor)
  }

  /// The names of all files, in ascending order of their bytes.
  package func list() throws(DiskError) -> [String] {
    // The stream is closed on every way out and entries are read before the next `readdir`.
    guard let stream = unsafe opendir(path) else { throw Self.failure("opendir", path) }
    defer { unsafe _ = closedir(stream) }
    var names: [String] = []
    errno = 0
    while let entry = unsafe readdir(stream) {
      let name = unsafe Self.name(of: entry)
      if name != "." && name != ".." { names.append(name) }
      errno = 0
    }
    guard errno == 0 else { throw Self.failure("readdir", path) }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Opens a file that exists; a folder is none, and a pipe is not waited for.
  package func open(_ name: String) throws(DiskError) -> OpenFile {
    let flags = (isReadOnly ? O_RDONLY | O_NONBLOCK : O_RDWR) | O_CLOEXEC
    let descriptor = unsafe openat(Int32(folder.number), name, flags)
    guard descriptor >= 0 else { throw Self.failure("open", name) }
    let file = Self.file(name, descriptor)
    guard try status(of: file).st_mode & S_IFMT != S_IFDIR else {
      throw .io(call: "open", file: name, errno: EISDIR)
    }
    return file
  }

  /// Makes an empty file that did not exist.
  package func create(_ name: String) throws(DiskError) -> OpenFile {
    let flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC
    let descriptor = unsafe openat(Int32(folder.number), name, flags, 0o600)
    guard descriptor >= 0 else { throw Self.failure("create", name) }
    return Self.file(name, descriptor)
  }

  /// The size of a file in bytes.
  package func size(of file: OpenFile) throws(DiskError) -> Int {
    let status = try status(of: file)
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .io(call: "stat", file: file.name, errno: EINVAL)
    }
    return Int(status.st_size)
  }

  private func status(of file: OpenFile) throws(DiskError) -> stat {
    var status = stat()
    // The kernel fills the one structure whose address it is given.
    guard unsafe fstat(Int32(file.number), &status) == 0 else {
      throw Self.failure("stat", file.name)
    }
    return status
  }

  /// Reads `count` bytes, fewer only where the file ends.
  package func read(
    _ file: OpenFile,
    at offset: Int,
    count: Int
  ) throws(DiskError) -> [UInt8] {
    var failed: DiskError?
    // The kernel writes at most `count - done` bytes behind `done` of the `count` reserved.
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
      while done < count {
        let rest = unsafe UnsafeMutableBufferPointer(rebasing: buffer[done..<count])
        let part = unsafe pread(
          Int32(file.number),
          rest.baseAddress,
          count - done,
          off_t(offset + done)
        )
        if part == 0 { return }
        if part > 0 {
          done += part
        } else if errno != EINTR {
          failed = Self.failure("read", file.name)
          return
        }
      }
    }
    if let failed { throw failed }
    return bytes
  }

  /// Writes all of `bytes`, going on behind short writes and interruptions.
  package func write(
    _ bytes: [UInt8],
    to file: OpenFile,
    at offset: Int
  ) throws(DiskError) {
    var done = 0
    while done < bytes.count {
      // The slice is bounds-checked and the kernel reads no further than its end.
      let part = unsafe bytes.withUnsafeBytes { buffer in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[done...])
        return unsafe pwrite(
          Int32(file.number),
          rest.baseAddress,
          rest.count,
          off_t(offset + done)
        )
      }
      if part < 0 && errno == EINTR { continue }
      guard part > 0 else { throw Self.failure("write", file.name) }
      done += part
    }
  }

  /// Returns once the file's bytes and size survive a power cut.
  package func sync(_ file: OpenFile) throws(DiskError) {
    guard fdatasync(Int32(file.number)) == 0 else { throw Self.failure("sync", file.name) }
  }

  /// Returns once every name created, renamed or removed so far survives a power cut.
  package func syncFolder() throws(DiskError) {
    guard fsync(Int32(folder.number)) == 0 else { throw Self.failure("sync", path) }
  }

  /// Drops the file's clean pages, so that reading it back tells what the disk holds.
  ///
  /// Nothing is read ahead from then on: that may be 8 MiB at a time, and a sync of the journal
  /// waits for all of it.
  package func forgetCached(_ file: OpenFile) {
    _ = posix_fadvise(Int32(file.number), 0, 0, POSIX_FADV_DONTNEED)
    _ = posix_fadvise(Int32(file.number), 0, 0, POSIX_FADV_RANDOM)
  }

  /// Gives a file another name, replacing in one step what bore that name.
  package func rename(_ name: String, to newName: String) throws(DiskError) {
    let at = Int32(folder.number)
    guard unsafe renameat(at, name, at, newName) == 0 else {
      throw Self.failure("rename", name)
    }
  }

  /// Removes a file.
  package func remove(_ name: String) throws(DiskError) {
    guard unsafe unlinkat(Int32(folder.number), name, 0) == 0 else {
      throw Self.failure("remove", name)
    }
  }

  /// Takes the lock and leaves this process's id in its file; a folder that is only read keeps the
  /// file as it is, and must have it.
  package func lock(_ name: String) throws(DiskError) -> OpenFile {
    let flags = (isReadOnly ? O_RDONLY : O_RDWR | O_CREAT) | O_CLOEXEC
    let descriptor = unsafe openat(Int32(folder.number), name, flags, 0o600)
    guard descriptor >= 0 else { throw Self.failure("open", name) }
    let file = Self.file(name, descriptor)
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      guard errno == EWOULDBLOCK else { throw Self.failure("lock", name) }
      let holder = try read(file, at: 0, count: 20).prefix { $0 >= 0x30 && $0 <= 0x39 }
      throw .locked(file: name, holder: String(decoding: holder, as: UTF8.self))
    }
    if isReadOnly { return file }
    // Always as many bytes as before, so that a full disk does not prevent a restart.
    let text = Array("\(getpid())".utf8)
    try write(text + Array(repeating: UInt8(ascii: "\n"), count: 20 - text.count), to: file, at: 0)
    return file
  }
}

extension PosixDisk {
  private static func file(_ name: String, _ descriptor: Int32) -> OpenFile {
    OpenFile(name: name, number: Int(descriptor)) { _ = close(Int32($0)) }
  }

  /// Makes a folder and its missing parents, each one's name synced in the folder above it.
  private static func makeFolder(_ path: String) throws(DiskError) {
    var made = path.utf8.first == UInt8(ascii: "/") ? "/" : "./"
    for part in path.split(separator: "/") {
      let parent = made
      made += part + "/"
      if unsafe mkdir(made, 0o700) == 0 {
        try PosixDisk(path: parent).syncFolder()
      } else if errno != EEXIST {
        throw failure("mkdir", made)
      }
    }
  }

  /// What `errno` says about a call that has just failed.
  private static func failure(_ call: String, _ file: String) -> DiskError {
    switch errno {
    case ENOSPC, EDQUOT: .noSpace(file: file)
    case ENOENT: .missing(file: file)
    case EEXIST: .exists(file: file)
    default: .io(call: call, file: file, errno: errno)
    }
  }

  /// The name in a folder's entry.
  private static func name(of entry: UnsafeMutablePointer<dirent>) -> String {
    // The kernel ends `d_name` with a NUL within the array; the copy is made before returning.
    unsafe withUnsafePointer(to: &entry.pointee.d_name) {
      let text = unsafe UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self)
      return unsafe String(cString: text)
    }
  }
}
