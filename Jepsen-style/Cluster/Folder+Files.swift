import Glibc

/// Small files, read and written whole.
extension Folder {
  /// The names of what is in a folder, in order.
  package static func names(in folder: String) -> [String] {
    // The stream is closed on the way out; entries are read before the next call.
    guard let stream = unsafe opendir(folder) else { return [] }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
        // The kernel ends each name with a zero byte within the field.
        unsafe String(cString: UnsafeRawPointer(field).assumingMemoryBound(to: CChar.self))
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// How many lines a file has; 0 if there is none.
  static func lines(in path: String) -> Int {
    text(of: path).utf8.count { $0 == UInt8(ascii: "\n") }
  }

  /// The first line of a file, without its end.
  static func firstLine(of path: String) -> String {
    String(text(of: path).prefix { $0 != "\n" })
  }

  /// Puts a text in the place of what a file holds.
  static func write(_ text: String, to path: String) throws(HarnessError) {
    let bytes = Array((text + "\n").utf8)
    // The path is read up to its end; as many bytes are written as the array has.
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .file(path: path, reason: SystemText.problem(errno)) }
    defer { close(descriptor) }
    guard unsafe Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
      throw .file(path: path, reason: SystemText.problem(errno))
    }
  }

  /// Takes all the room of a disk by a file; returns how many bytes that were.
  static func fill(_ path: String) -> Int {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return 0 }
    defer { close(descriptor) }
    var size = 0
    var step = 64 << 20
    while step >= 4_096 {
      if posix_fallocate(descriptor, off_t(size), off_t(step)) == 0 {
        size += step
      } else {
        step /= 2
      }
    }
    return size
  }

  /// What a file holds; nothing if there is none.
  static func text(of path: String) -> String {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var all: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      // At most as many bytes are read as the array has.
      let size = unsafe read(descriptor, &piece, piece.count)
      guard size > 0 else { break }
      all += piece.prefix(size)
    }
    return String(decoding: all, as: UTF8.self)
  }
}
