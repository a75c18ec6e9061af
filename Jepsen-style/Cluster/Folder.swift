import Glibc

/// Folders that the harness makes and removes.
package enum Folder {
  /// Whether anything bears this path.
  package static func exists(_ path: String) -> Bool {
    // The path is read up to its end and not kept, as in the calls below.
    unsafe access(path, F_OK) == 0
  }

  /// The last line of a log that begins with `error:`, or says what stopped a program, without
  /// these words.
  package static func lastError(in path: String) -> String {
    var words = "it said nothing"
    // The stream is closed on the way out; `getline` owns the line and its size between calls.
    guard let stream = unsafe fopen(path, "r") else { return words }
    var line: UnsafeMutablePointer<CChar>?
    var size = 0
    while unsafe getline(&line, &size, stream) > 0, let text = unsafe line {
      let said = unsafe String(cString: text)
      if said.hasPrefix("error: ") { words = String(said.dropFirst(7).prefix { $0 != "\n" }) }
      if let place = said.range(of: "atal error: ") {
        words = String(said[place.upperBound...].prefix { $0 != "\n" })
      }
    }
    unsafe free(line)
    unsafe fclose(stream)
    return words
  }

  /// Makes a folder; one that exists is fine.
  package static func make(_ path: String) throws(HarnessError) {
    guard unsafe mkdir(path, 0o755) != 0, errno != EEXIST else { return }
    throw .file(path: path, reason: SystemText.problem(errno))
  }

  /// The path of a folder from the root of all.
  ///
  /// - Throws: `HarnessError.file` if there is no such folder.
  package static func absolute(_ path: String) throws(HarnessError) -> String {
    // The system allocates the text that it returns, ended by a zero byte, for us to free.
    guard let found = unsafe realpath(path, nil) else {
      throw .file(path: path, reason: SystemText.problem(errno))
    }
    defer { unsafe free(found) }
    return unsafe String(cString: found)
  }

  /// Makes a new folder under the temporary one and returns its path.
  package static func makeTemporary(_ prefix: String) throws(HarnessError) -> String {
    let base = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    for _ in 0..<100 {
      let path = "\(base)/\(prefix)-" + String(UInt32.random(in: .min ... .max), radix: 16)
      if unsafe mkdir(path, 0o755) == 0 { return path }
      guard errno == EEXIST else { throw .file(path: path, reason: SystemText.problem(errno)) }
    }
    throw .file(path: base, reason: "no free name for a temporary folder")
  }

  /// Removes a file, or a folder and everything in it; of a link only the link itself.
  package static func remove(_ path: String) {
    guard !removeFile(path), errno == EISDIR else { return }
    // The stream is closed before the folder goes; entries are read before the next call.
    if let stream = unsafe opendir(path) {
      while let entry = unsafe readdir(stream) {
        let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
          // The kernel ends each name with a zero byte within the field.
          unsafe String(cString: UnsafeRawPointer(field).assumingMemoryBound(to: CChar.self))
        }
        if name != "." && name != ".." { remove(path + "/" + name) }
      }
      unsafe closedir(stream)
      unsafe _ = rmdir(path)
    }
  }

  /// Removes what bears this path unless that is a folder; whether it is gone.
  @discardableResult
  package static func removeFile(_ path: String) -> Bool {
    unsafe unlink(path) == 0
  }
}
