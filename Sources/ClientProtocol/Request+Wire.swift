package import Wire

extension Request {
  /// The kind of the frame that carries the request.
  package var kind: FrameKind {
    switch self {
    case .openSession: .openSession
    case .closeSession: .closeSession
    case .write: .write
    case .read: .read
    case .outcome: .outcome
    case .credit: .credit
    case .cancel: .cancel
    case .status: .status
    case .transferLeader: .transferLeader
    case .changeMembers: .changeMembers
    case .ping: .ping
    }
  }

  /// Appends the whole frame.
  package func writeFrame(
    into writer: inout ByteWriter,
    requestID: UInt64,
    flags: FrameFlags = [],
    deadlineMilliseconds: UInt32? = nil,
    traceID: TraceID? = nil
  ) {
    let head = FrameHead(
      kind: kind.rawValue,
      requestID: requestID,
      flags: flags,
      deadlineMilliseconds: deadlineMilliseconds,
      traceID: traceID
    )
    writer.writeFrame(head) { encodePayload(into: &$0) }
  }

  /// Writes what stands behind the frame's head.
  package func encodePayload(into writer: inout ByteWriter) {
    switch self {
    case .openSession(let nonce): writer.write(nonce)
    case .closeSession(let session): writer.write(session)
    case .write(let write): write.encode(into: &writer)
    case .read(let read): read.encode(into: &writer)
    case .outcome(let session, let sequence):
      writer.write(session)
      writer.write(sequence)
    case .credit(let frames): writer.write(frames)
    case .transferLeader(let target): writer.write(target)
    case .changeMembers(let change): writer.write(change)
    case .cancel, .status, .ping: break
    }
  }

  /// Reads the request in a frame; a frame of another kind throws `badValue`.
  package init(in bytes: [UInt8], _ frame: FrameView) throws(WireError) {
    guard let kind = FrameKind(rawValue: frame.head.kind) else {
      throw .badValue("request kind", offset: frame.payload.lowerBound)
    }
    var reader = ByteReader(bytes, frame.payload)
    try self.init(kind, from: &reader)
    try reader.expectEnd()
  }

  private init(_ kind: FrameKind, from reader: inout ByteReader) throws(WireError) {
    switch kind {
    case .openSession: self = .openSession(nonce: try reader.read())
    case .closeSession: self = .closeSession(session: try reader.read())
    case .write: self = .write(try reader.read())
    case .read: self = .read(try reader.read())
    case .outcome: self = .outcome(session: try reader.read(), sequence: try reader.read())
    case .credit: self = .credit(frames: try reader.read())
    case .cancel: self = .cancel
    case .status: self = .status
    case .transferLeader: self = .transferLeader(target: try reader.read())
    case .changeMembers: self = .changeMembers(try reader.read())
    case .ping: self = .ping
    case .hello, .helloAck, .resultReply, .errorReply, .sessionReply, .outcomeReply, .statusReply,
      .doneReply, .envelope, .attach, .fastRead, .receipt, .orderedReply,
      .peerMessages:
      throw .badValue("request kind", offset: reader.offset)
    }
  }
}

extension WriteRequest: WireCodable {
  /// Writes session, sequence, answeredThrough and the command to the end.
  package func encode(into writer: inout ByteWriter) {
    writer.write(session)
    writer.write(sequence)
    writer.write(answeredThrough)
    writer.writeRaw(command)
  }

  /// Reads a write; the command is whatever is left.
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      session: try reader.read(),
      sequence: try reader.read(),
      answeredThrough: try reader.read(),
      command: try reader.share(reader.remaining)
    )
  }
}

extension ReadRequest: WireCodable {
  /// Writes consistency, revision, stream, credit and the query to the end.
  package func encode(into writer: inout ByteWriter) {
    switch consistency {
    case .linearizable:
      writer.write(UInt8(1))
      writer.write(UInt32(0))
    case .stale(let lagMaxMilliseconds):
      writer.write(UInt8(2))
      writer.write(lagMaxMilliseconds)
    }
    writer.write(atLeastRevision)
    writer.write(streamCredit != nil)
    writer.write(streamCredit ?? 0)
    writer.writeRaw(query)
  }

  /// Reads a read; a stream without credit is refused, for it could never begin.
  package init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    let level = try reader.read(UInt8.self)
    let lag = try reader.read(UInt32.self)
    guard level == 1 || level == 2 else { throw .badValue("consistency", offset: offset) }
    let revision = try reader.read(UInt64.self)
    let isStream = try reader.readBool()
    let credit = try reader.read(UInt16.self)
    guard !isStream || credit > 0 else { throw .badValue("credit", offset: reader.offset - 2) }
    self.init(
      level == 1 ? .linearizable : .stale(lagMaxMilliseconds: lag),
      atLeastRevision: revision,
      streamCredit: isStream ? credit : nil,
      query: try reader.readRest()
    )
  }
}
