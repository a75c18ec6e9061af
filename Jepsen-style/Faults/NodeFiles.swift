import Consensus
import Glibc

/// The files of a node that does not run.
struct NodeFiles {
  private static let blockSize = 512
  /// With this a segment begins.
  private static let magic = Array("LKSTPJNL".utf8)
  /// A segment's header, and where its number stands; a record without payload, and where its
  /// length and its segment's number stand (docs/formats/journal.md §4, §5).
  private static let header = (size: 4_096, numberAt: 48)
  private static let record = (size: 40, lengthAt: 8, numberAt: 24)

  let folder: String

  /// The names of all files, in order.
  var names: [String] {
    // The stream is closed on the way out; entries are read before the next call.
    guard let stream = unsafe opendir(folder) else { return [] }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      guard unsafe entry.pointee.d_type == UInt8(DT_REG) else { continue }
      names.append(
        unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
          // The kernel ends each name with a zero byte within the field.
          unsafe String(cString: UnsafeRawPointer(field).assumingMemoryBound(to: CChar.self))
        }
      )
    }
    return names.sorted()
  }

  /// The newest file of the journal that has something in it, and how much.
  func newestSegment() throws(HarnessError) -> (name: String, size: Int)? {
    let segments = names.filter { $0.hasPrefix("journal-") && !$0.contains("spare") }
    for name in segments.reversed() {
      let size = try usedSize(of: name)
      if size > 0 { return (name, size) }
    }
    return nil
  }

  /// Writes garbage over blocks by the dice; returns where, for people.
  func corrupt(blocks: Int, _ random: inout RandomSource) throws(HarnessError) -> [String] {
    var places: [String] = []
    let candidates = names.filter { $0 != "lock" }
    for _ in 0..<blocks where !candidates.isEmpty {
      let name = candidates[random.number(below: candidates.count)]
      let used = try usedSize(of: name)
      guard used > 0 else { continue }
      let start =
        random.number(below: (used + Self.blockSize - 1) / Self.blockSize) * Self.blockSize
      let size = min(Self.blockSize, used - start)
      let garbage = (0..<size).map { _ in UInt8(random.number(below: 256)) }
      try write(garbage, to: name, at: start)
      places.append("\(name) at \(start)")
    }
    return places
  }

  /// Cuts bytes off the end of what a file holds.
  func truncate(_ name: String, to size: Int) throws(HarnessError) {
    let path = folder + "/" + name
    // The path is read up to its end and not kept.
    guard unsafe Glibc.truncate(path, off_t(size)) == 0 else { throw problem(path) }
  }

  /// Removes everything, but not the folder: something may be mounted there.
  func wipe() {
    for name in names { Folder.remove(folder + "/" + name) }
  }

  /// How many bytes of a file say something: those before the zeros at its end, or a segment's
  /// records; one that was used before has old ones behind its own.
  private func usedSize(of name: String) throws(HarnessError) -> Int {
    let bytes = try read(name)
    guard !name.contains("spare"), bytes.starts(with: Self.magic), bytes.count >= Self.header.size
    else { return bytes.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0 }
    let number = Self.integer(bytes, at: Self.header.numberAt, size: 8)
    var end = Self.header.size
    while end + Self.record.size <= bytes.count,
      Self.integer(bytes, at: end + Self.record.numberAt, size: 8) == number
    {
      let length = Self.integer(bytes, at: end + Self.record.lengthAt, size: 4)
      end += (Self.record.size + Int(length) + 7) / 8 * 8
    }
    return min(end, bytes.count)
  }

  private static func integer(_ bytes: [UInt8], at place: Int, size: Int) -> UInt64 {
    bytes[place..<place + size].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private func read(_ name: String) throws(HarnessError) -> [UInt8] {
    let path = folder + "/" + name
    // The path is read up to its end and not kept.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw problem(path) }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: Int(lseek(descriptor, 0, SEEK_END)))
    // At most as many bytes are asked for as the array has.
    let size = unsafe pread(descriptor, &bytes, bytes.count, 0)
    guard size == bytes.count else { throw problem(path) }
    return bytes
  }

  private func write(_ bytes: [UInt8], to name: String, at place: Int) throws(HarnessError) {
    let path = folder + "/" + name
    // The path is read up to its end and not kept.
    let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw problem(path) }
    defer { close(descriptor) }
    // As many bytes are written as the array has.
    guard unsafe pwrite(descriptor, bytes, bytes.count, off_t(place)) == bytes.count else {
      throw problem(path)
    }
  }

  private func problem(_ path: String) -> HarnessError {
    .file(path: path, reason: SystemText.problem(errno))
  }
}
