import Consensus
package import Wire

// A record is: version (1 byte, now 1), kind (1 byte), and
//
//   kind 1  hard state  term 8, voted 1, then if voted: node id 4, incarnation 8
//   kind 2  entry       index 8, the entry behind its 32-bit length (see LogEntry)
//   kind 3  truncate    index 8
//   kind 4  restart     index 8, term 8
//   kind 5  admission   see AdmissionRecord
//   kind 6  repair      index 8, term 8
//   kind 7  repaired
extension RaftRecord: JournalRecordCodable {
  private static let formatVersion: UInt8 = 1

  /// Term and vote: a node that forgot them could vote twice.
  package var isVital: Bool {
    switch self {
    case .hardState: true
    case .entry, .truncate, .restart, .admission, .repair, .repaired: false
    }
  }

  /// The record's bytes; those of an entry are there already.
  package var payload: [UInt8] {
    switch self {
    case .hardState, .truncate, .restart, .repair, .repaired: encoded(expectedSize: 32)
    case .entry(let index, let entry): entry.record(at: index)
    case .admission: encoded(expectedSize: 512)
    }
  }

  /// What stands before an entry's own bytes: version, kind, index and size.
  static let entryHeadSize = 14

  static func writeEntryHead(_ index: LogIndex, size: Int, into writer: inout ByteWriter) {
    writer.write(UInt16(formatVersion) | UInt16(Kind.entry) << 8)
    writer.write(index.rawValue)
    writer.write(UInt32(size))
  }

  /// The index in an entry's head.
  static func entryIndex(in bytes: [UInt8]) -> LogIndex {
    LogIndex(Bytes.head(of: bytes, 2..<10).byteSwapped)
  }

  /// Whether an entry's bytes lie in memory that is the whole record of the entry at `index`.
  static func isEntry(of bytes: Bytes, at index: LogIndex) -> Bool {
    guard bytes.range == entryHeadSize..<bytes.storage.count else { return false }
    var writer = ByteWriter(capacity: entryHeadSize)
    writeEntryHead(index, size: bytes.count, into: &writer)
    return bytes.storage.prefix(entryHeadSize).elementsEqual(writer.finish())
  }

  private enum Kind {
    static let hardState: UInt8 = 1
    static let entry: UInt8 = 2
    static let truncate: UInt8 = 3
    static let restart: UInt8 = 4
    static let admission: UInt8 = 5
    static let repair: UInt8 = 6
    static let repaired: UInt8 = 7
  }

  /// Writes version, kind and fields.
  package func encode(into writer: inout ByteWriter) {
    switch self {
    case .hardState(let term, let votedFor):
      writer.write(Self.formatVersion)
      writer.write(Kind.hardState)
      writer.write(term)
      writer.write(votedFor != nil)
      if let votedFor { writer.write(votedFor) }
    case .entry(let index, let entry):
      writer.writeRaw(entry.record(at: index))
    case .truncate(let index):
      writer.write(Self.formatVersion)
      writer.write(Kind.truncate)
      writer.write(index)
    case .restart(let mark):
      writer.write(Self.formatVersion)
      writer.write(Kind.restart)
      writer.write(mark)
    case .admission(let record):
      writer.write(Self.formatVersion)
      writer.write(Kind.admission)
      writer.write(record)
    case .repair(let mark):
      writer.write(Self.formatVersion)
      writer.write(Kind.repair)
      writer.write(mark)
    case .repaired:
      writer.write(Self.formatVersion)
      writer.write(Kind.repaired)
    }
  }

  /// Reads a record; an unknown version is refused and names itself.
  package init(from reader: inout ByteReader) throws(WireError) {
    let version = try reader.read(UInt8.self)
    guard version == Self.formatVersion else {
      throw .unsupportedVersion(UInt16(version), what: "Raft record")
    }
    let offset = reader.offset
    switch try reader.read(UInt8.self) {
    case Kind.hardState:
      let term = try reader.readTerm()
      let votedFor = try reader.readBool() ? try reader.read(Member.self) : nil
      self = .hardState(term: term, votedFor: votedFor)
    case Kind.entry:
      let index = try reader.readIndex()
      self = .entry(index, try LogEntry(from: &reader, at: index))
    case Kind.truncate: self = .truncate(from: try reader.readIndex())
    case Kind.restart: self = .restart(try reader.read())
    case Kind.admission: self = .admission(try reader.read())
    case Kind.repair: self = .repair(try reader.read())
    case Kind.repaired: self = .repaired
    default: throw .badValue("Raft record kind", offset: offset)
    }
  }
}

extension ByteReader {
  /// Above any number that honest counting reaches; sums with it cannot overflow.
  private static let numberMax: UInt64 = 1 << 62

  mutating func readTerm() throws(WireError) -> Term {
    Term(try readNumber("term"))
  }

  mutating func readIndex() throws(WireError) -> LogIndex {
    LogIndex(try readNumber("log index"))
  }

  private mutating func readNumber(_ what: String) throws(WireError) -> UInt64 {
    let offset = offset
    let number = try read(UInt64.self)
    guard number <= Self.numberMax else { throw .badValue(what, offset: offset) }
    return number
  }
}
