import Consensus
import Wire

// The fields of what is said about a repair.

extension RaftMessage.LogEnds {
  /// The most stretches that one message tells of.
  static let othersMax = 64
  private static let configurationSizeMax = 1 << 16

  func encodeFields(into writer: inout ByteWriter) {
    writer.write(nonce)
    writer.write(mark)
    writer.write(isLeader)
    writer.write(isTermKnown)
    writer.write(UInt32(others.count))
    for other in others { writer.write(other) }
    writer.write(configurationIndex)
    if let configuration { writer.writeBlob(configuration.encoded()) }
  }

  init(term: Term, fieldsFrom reader: inout ByteReader) throws(WireError) {
    self.init(
      term: term,
      nonce: try reader.read(),
      mark: try reader.read(),
      isLeader: try reader.readBool(),
      isTermKnown: try reader.readBool()
    )
    for _ in 0..<(try reader.readCount(max: Self.othersMax)) { others.append(try reader.read()) }
    configurationIndex = try reader.readIndex()
    guard configurationIndex > .zero else { return }
    let offset = reader.offset
    let bytes = try reader.readBlob(max: Self.configurationSizeMax)
    let configuration = try ClusterConfiguration(decoding: bytes)
    try Membership.validate(configuration, at: offset)
    // One form each: seats are in order.
    guard configuration.encoded() == bytes else { throw .badValue("seats", offset: offset) }
    self.configuration = configuration
  }
}

extension RaftMessage.EntriesEnding {
  private static let entriesMax: UInt64 = 65_536

  func encodeFields(into writer: inout ByteWriter) {
    writer.write(nonce)
    writer.write(mark)
    writer.write(previous != nil)
    if let previous { writer.write(previous) }
    writer.write(UInt32(entries.count))
    for entry in entries { entry.encode(into: &writer) }
  }

  init(term: Term, fieldsFrom reader: inout ByteReader) throws(WireError) {
    let nonce = try reader.read(UInt64.self)
    let start = reader.offset
    let mark = try reader.read(LogMark.self)
    guard mark.index > .zero else { throw .badValue("entries", offset: start) }
    let previous = try reader.readBool() ? try reader.read(LogMark.self) : nil
    let countMax = Int(min(mark.index.rawValue, Self.entriesMax))
    let count = try reader.readCount(max: countMax)
    // A refusal names what stands before the wanted entry.
    let first = LogIndex(mark.index.rawValue - UInt64(max(count, 1))).next
    var entries: [LogEntry] = []
    var lastTerm = previous?.term ?? Term(0)
    for place in 0..<count {
      let entry = try LogEntry(from: &reader, at: first + place)
      guard entry.term >= lastTerm else { throw .badValue("order of entry terms", offset: start) }
      lastTerm = entry.term
      entries.append(entry)
    }
    guard count == 0 || lastTerm == mark.term, previous.map({ $0.index.next == first }) ?? true
    else { throw .badValue("entries", offset: start) }
    self.init(term: term, nonce: nonce, mark: mark, previous: previous, entries: entries)
  }
}
