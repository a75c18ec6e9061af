/// Goes through a snapshot file part by part, in order, and believes nothing before it is checked.
///
/// A part is the header or one whole chunk. The same value checks what is written, received, read
/// back and read.
struct SnapshotScan: Sendable {
  /// The file's name, for errors.
  let file: String
  let cluster: [UInt8]
  let index: UInt64
  private(set) var header: SnapshotHeader?
  /// What every chunk's checksum begins with.
  private(set) var seed: UInt32 = 0
  /// Where the next part starts.
  private(set) var offset = 0
  /// How many chunks were seen.
  private(set) var count = 0
  /// Whether the trailer was seen, and everything is as it says.
  private(set) var isComplete = false
  private var digest = SnapshotDigest()

  init(file: String, cluster: [UInt8], index: UInt64) {
    self.file = file
    self.cluster = cluster
    self.index = index
  }

  /// Checks the next part and gives back its payload if it is a piece; an error changes nothing.
  mutating func take(_ part: [UInt8]) throws(StorageError) -> [UInt8]? {
    guard !isComplete else { throw damaged("bytes stand behind its trailer") }
    guard header != nil else {
      try begin(part)
      return nil
    }
    guard let chunk = SnapshotChunk(decoding: part, at: offset, seed: seed),
      chunk.number == count
    else { throw damaged("the checksum or place of chunk \(count) is wrong") }
    switch chunk.kind {
    case .piece:
      try fold(part)
      count += 1
      offset += part.count
      return chunk.payload
    case .trailer:
      guard chunk.payload == trailer.encoded() else {
        throw damaged("count, size or digest of the whole is not what its trailer says")
      }
      count += 1
      offset += part.count
      isComplete = true
      return nil
    }
  }

  /// What the trailer has to say if it comes next.
  var trailer: SnapshotTrailer {
    let size = offset + SnapshotChunk.size(payloadSize: SnapshotTrailer.payloadSize)
    return SnapshotTrailer(pieces: UInt64(count), size: UInt64(size), digest: digest.value)
  }

  /// A chunk's bytes for the place that comes next.
  func encode(_ kind: SnapshotChunk.Kind, _ payload: [UInt8]) -> [UInt8] {
    SnapshotChunk(kind: kind, number: count, payload: payload).encoded(at: offset, seed: seed)
  }

  /// Whether a part is a whole trailer for this place, whatever it says.
  func isTrailer(_ part: [UInt8]) -> Bool {
    header != nil && SnapshotChunk(decoding: part, at: offset, seed: seed)?.kind == .trailer
  }

  /// What is known of the file once it is complete.
  var result: SnapshotFile? {
    guard isComplete, let header else { return nil }
    return SnapshotFile(index: index, term: header.term, head: header.head, size: offset)
  }

  private mutating func begin(_ part: [UInt8]) throws(StorageError) {
    let header = try SnapshotHeader(decoding: part, file: file)
    guard header.cluster == cluster else {
      throw .foreign(file: file, what: "it is a snapshot of another cluster")
    }
    guard header.index == index else {
      throw .unexpected(file: file, what: "its content is \(SnapshotFile.name(header.index))")
    }
    try fold(part)
    self.header = header
    seed = SnapshotHeader.seed(of: part)
    offset = part.count
  }

  private mutating func fold(_ part: [UInt8]) throws(StorageError) {
    do {
      try digest.fold(part)
    } catch {
      throw damaged("\(error)")
    }
  }

  private func damaged(_ what: String) -> StorageError {
    .snapshotDamaged(file: file, offset: offset, what: what)
  }
}
