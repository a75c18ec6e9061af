import Storage

let clusterTag = [UInt8](repeating: 0xC1, count: 16)

/// A snapshot's content that can be told from those of every other index.
struct SnapshotFixture {
  let index: UInt64
  var pieceSizes = [700, 0, 1300, 61]

  var term: UInt64 { index / 10 + 1 }
  var head: [UInt8] { Array("mark of \(index)".utf8) }
  var pieces: [[UInt8]] {
    pieceSizes.enumerated().map { number, size in
      JournalRecord.fixture(Int(index) * 100 + number, size: size).payload
    }
  }

  /// Writes it by single steps and counts it.
  @discardableResult
  func write(to store: inout SnapshotStore) throws -> SnapshotFile {
    var writer = try store.begin(index: index, term: term, head: head)
    for piece in pieces { try writer.append(piece) }
    while true {
      if case .finished(let file) = try writer.finish() {
        store.add(file)
        return file
      }
    }
  }

  /// The parts as a sender gives them.
  func parts() throws -> [SnapshotPart] {
    let disk = CrashDisk()
    var store = try SnapshotStore.open(on: disk, cluster: clusterTag)
    try write(to: &store)
    return try store.reader(of: index).allParts()
  }

  /// Receives it and counts it.
  func receive(_ parts: [SnapshotPart], into store: inout SnapshotStore) throws {
    var receiver = try store.receive(index: index)
    for part in parts { try receiver.receive(part) }
    while true {
      if case .finished(let file) = try receiver.finish() {
        store.add(file)
        return
      }
    }
  }

  /// What is wrong with a stored snapshot; nil if it is this one.
  func judge(_ store: SnapshotStore) throws -> String? {
    var reader = try store.reader(of: index)
    guard reader.file.head == head, reader.file.term == term else { return "another head" }
    return try reader.allPieces() == pieces ? nil : "other pieces"
  }
}

extension SnapshotReader {
  mutating func allPieces() throws -> [[UInt8]] {
    var pieces: [[UInt8]] = []
    while let piece = try next() { pieces.append(piece) }
    return pieces
  }

  func allParts() throws -> [SnapshotPart] {
    var parts: [SnapshotPart] = []
    var offset = 0
    while parts.last?.isLast != true, let part = try part(at: offset) {
      parts.append(part)
      offset += part.bytes.count
    }
    return parts
  }
}
