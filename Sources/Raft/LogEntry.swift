package import Consensus
package import Wire

/// One entry of the log, held as the bytes that both messages and journal records carry.
///
///     offset  size  field
///          0     8  term
///          8     8  log time, microseconds
///         16     8  wall time, milliseconds since 1970
///         24     1  kind: 1 request, 2 no-op, 3 configuration
///         25     …  the request's or configuration's own bytes
///
/// In memory the head of the journal record that writes it stands before these bytes, so that the
/// record is there without a copy.
package struct LogEntry: Sendable {
  /// The term in which a leader proposed it.
  package let term: Term
  /// The record's head and the wire form, known to be well-formed.
  private let storage: [UInt8]

  static let headSize = 25
  /// The most bytes an entry may have: a command at its limit, its request and the head.
  static let sizeMax = headSize + requestHeadSize + commandSizeMax
  private static let requestHeadSize = 29
  private static let start = RaftRecord.entryHeadSize

  private enum Kind {
    static let request: UInt8 = 1
    static let noOp: UInt8 = 2
    static let configuration: UInt8 = 3
  }

  /// An entry with this content, encoded once.
  ///
  /// Where it is going to stand, `index`, is zero if that is not known.
  package init(
    _ payload: Committed.Payload,
    term: Term,
    logTimeMicroseconds: UInt64,
    wallMilliseconds: UInt64,
    index: LogIndex = .zero
  ) {
    var size = Self.headSize
    if case .request(let request) = payload {
      size += Self.requestHeadSize + request.command.count
    }
    var writer = ByteWriter(capacity: Self.start + size)
    RaftRecord.writeEntryHead(index, size: size, into: &writer)
    writer.write(term.rawValue)
    writer.write(logTimeMicroseconds)
    writer.write(wallMilliseconds)
    switch payload {
    case .request(let request):
      writer.write(Kind.request)
      request.encode(into: &writer)
    case .signed: fatalError("signatures are a matter of the Byzantine mode")
    case .noOp:
      writer.write(Kind.noOp)
    case .configuration(let configuration):
      writer.write(Kind.configuration)
      configuration.encode(into: &writer)
    }
    // A configuration's size is known only now.
    writer.overwrite(UInt32(writer.count - Self.start), at: Self.start - 4)
    self.term = term
    storage = writer.finish()
  }

  /// Takes bytes from outside, if they are well-formed, for an entry that stands at `index`.
  ///
  /// Those of the record that holds it, as a journal gives it back, are taken as they are.
  ///
  /// - Throws: `WireError` where a field is cut off or means nothing.
  init(validating bytes: Bytes, at index: LogIndex = .zero) throws(WireError) {
    var reader = ByteReader(bytes)
    let term = try reader.readTerm()
    try reader.skip(16)
    let kind = try reader.read(UInt8.self)
    switch kind {
    case Kind.request:
      try Self.validateRequest(&reader)
    case Kind.noOp:
      break
    case Kind.configuration:
      try Membership.validate(try reader.read(ClusterConfiguration.self), at: reader.offset)
    default:
      throw .badValue("log entry kind", offset: Self.headSize - 1)
    }
    try reader.expectEnd()
    self.term = term
    if RaftRecord.isEntry(of: bytes, at: index) {
      storage = bytes.storage
      return
    }
    var writer = ByteWriter(capacity: Self.start + bytes.count)
    RaftRecord.writeEntryHead(index, size: bytes.count, into: &writer)
    writer.writeRaw(bytes)
    storage = writer.finish()
  }

  /// Stands where an entry was that the log has forgotten.
  static let trimmed = LogEntry(.noOp, term: Term(0), logTimeMicroseconds: 0, wallMilliseconds: 0)

  /// The wire form, in the entry's own memory.
  package var bytes: Bytes { Bytes(storage, Self.start..<storage.count) }

  /// The bytes of the wire form.
  var size: Int { storage.count - Self.start }

  /// The payload of the journal record that writes the entry at an index: no copy if the entry was
  /// made for it.
  func record(at index: LogIndex) -> [UInt8] {
    if RaftRecord.entryIndex(in: storage) == index { return storage }
    var writer = ByteWriter(capacity: storage.count)
    RaftRecord.writeEntryHead(index, size: size, into: &writer)
    writer.writeRaw(bytes)
    return writer.finish()
  }

  /// Whether a client asked for it; only such entries are refused for want of room.
  var isRequest: Bool { storage[Self.start + Self.headSize - 1] == Kind.request }

  var isConfiguration: Bool { storage[Self.start + Self.headSize - 1] == Kind.configuration }

  /// Log time (see `Committed`).
  package var logTimeMicroseconds: UInt64 { number(at: 8) }

  /// The leader's wall clock.
  package var wallMilliseconds: UInt64 { number(at: 16) }

  /// What it holds, decoded anew at each call; a command shares the entry's bytes.
  package var payload: Committed.Payload {
    guard let payload = try? decodedPayload() else {
      fatalError("an entry's bytes are well-formed: checked when they were written or read")
    }
    return payload
  }

  private func decodedPayload() throws(WireError) -> Committed.Payload {
    var reader = ByteReader(storage, Self.start + Self.headSize..<storage.count)
    if isRequest { return .request(try ClientRequest(sharing: &reader)) }
    if isConfiguration { return .configuration(try reader.read()) }
    return .noOp
  }

  /// Looks at a request without copying its command.
  private static func validateRequest(_ reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    guard ClientRequest.Kind(rawValue: try reader.read()) != nil else {
      throw .badValue("request kind", offset: offset)
    }
    try reader.skip(24)
    let size = Int(try reader.read(UInt32.self))
    guard size <= commandSizeMax else {
      throw .tooLarge("command", size: size, limit: commandSizeMax, offset: reader.offset)
    }
    try reader.skip(size)
  }

  private func number(at offset: Int) -> UInt64 {
    Bytes.head(of: storage, Self.start + offset..<Self.start + offset + 8).byteSwapped
  }
}

extension LogEntry: Hashable {
  /// Whether both are the same on the wire.
  package static func == (left: LogEntry, right: LogEntry) -> Bool { left.bytes == right.bytes }

  /// Equal entries hash alike.
  package func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}

extension LogEntry: WireCodable {
  /// Writes the bytes behind their 32-bit length.
  package func encode(into writer: inout ByteWriter) {
    // The length already stands before the bytes, as in the record.
    writer.writeRaw(Bytes(storage, Self.start - 4..<storage.count))
  }

  /// Reads an entry and checks all of it.
  package init(from reader: inout ByteReader) throws(WireError) {
    try self.init(from: &reader, at: .zero)
  }

  /// The same for an entry that stands at `index`.
  init(from reader: inout ByteReader, at index: LogIndex) throws(WireError) {
    try self.init(validating: reader.shareBlob(max: Self.sizeMax), at: index)
  }
}
