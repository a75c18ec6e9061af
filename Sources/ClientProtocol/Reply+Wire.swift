package import Wire

extension Reply {
  /// The kind of the frame that carries the answer.
  package var kind: FrameKind { body.kind }

  /// Appends the whole frame; `more` announces another one of the same request.
  package func writeFrame(into writer: inout ByteWriter, requestID: UInt64, more: Bool = false) {
    let head = FrameHead(
      kind: kind.rawValue,
      requestID: requestID,
      flags: more ? .more : []
    )
    writer.writeFrame(head) { encodePayload(into: &$0) }
  }

  /// Appends the whole frame of a `result`, the usual answer, without making a `Reply` of it.
  package static func writeResultFrame(
    into writer: inout ByteWriter,
    requestID: UInt64,
    _ head: Head,
    result: (inout ByteWriter) -> Void
  ) {
    let frame = FrameHead(kind: FrameKind.resultReply.rawValue, requestID: requestID)
    writer.writeFrame(frame) {
      head.encode(into: &$0)
      result(&$0)
    }
  }

  /// Writes what stands behind the frame's head.
  package func encodePayload(into writer: inout ByteWriter) {
    writer.write(head)
    body.encode(into: &writer)
  }

  /// Reads the answer in a frame; a frame of another kind throws `badValue`.
  package init(in bytes: [UInt8], _ frame: FrameView) throws(WireError) {
    guard let kind = FrameKind(rawValue: frame.head.kind) else {
      throw .badValue("reply kind", offset: frame.payload.lowerBound)
    }
    var reader = ByteReader(bytes, frame.payload)
    self.init(try reader.read(), try Body(kind, from: &reader))
    try reader.expectEnd()
  }
}

extension Reply.Body {
  /// The kind of the frame that carries it.
  package var kind: FrameKind {
    switch self {
    case .result: .resultReply
    case .error: .errorReply
    case .session: .sessionReply
    case .outcome: .outcomeReply
    case .status: .statusReply
    case .done: .doneReply
    }
  }

  /// Writes it, to the end.
  func encode(into writer: inout ByteWriter) {
    switch self {
    case .result(let bytes): writer.writeRaw(bytes)
    case .error(let refused): writer.write(refused)
    case .session(let id): writer.write(id)
    case .outcome(let fate): writer.write(fate)
    case .status(let status): writer.write(status)
    case .done: break
    }
  }

  /// Reads what a frame of this kind carries, to the end.
  init(_ kind: FrameKind, from reader: inout ByteReader) throws(WireError) {
    switch kind {
    case .resultReply: self = .result(try reader.readRest())
    case .errorReply: self = .error(try reader.read())
    case .sessionReply: self = .session(try reader.read())
    case .outcomeReply: self = .outcome(try reader.read())
    case .statusReply: self = .status(try reader.read())
    case .doneReply: self = .done
    case .hello, .helloAck, .openSession, .closeSession, .write, .read, .outcome, .credit, .cancel,
      .status, .transferLeader, .changeMembers, .ping, .envelope, .attach, .fastRead,
      .receipt, .orderedReply, .peerMessages:
      throw .badValue("reply kind", offset: reader.offset)
    }
  }
}

extension Reply.Head: WireCodable {
  /// Writes node, leader, address and revision.
  package func encode(into writer: inout ByteWriter) {
    writer.write(node)
    writer.write(leader)
    writer.writeText(leaderAddress, cutAt: Limits.addressSizeMax)
    writer.write(revision)
  }

  /// Reads a head.
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      node: try reader.read(),
      leader: try reader.read(),
      leaderAddress: try reader.readText(max: Limits.addressSizeMax),
      revision: try reader.read()
    )
  }
}

extension Reply.Refused: WireCodable {
  /// Writes code, outcome, hints and message.
  package func encode(into writer: inout ByteWriter) {
    writer.write(code.wireCode)
    writer.write(outcome.rawValue)
    writer.write(retryAfterMilliseconds)
    writer.write(currentRevision)
    writer.writeText(message, cutAt: Limits.messageSizeMax)
  }

  /// Reads an error.
  package init(from reader: inout ByteReader) throws(WireError) {
    let code = ErrorCode(wireCode: try reader.read())
    let offset = reader.offset
    guard let outcome = RequestOutcome(rawValue: try reader.read()) else {
      throw .badValue("outcome", offset: offset)
    }
    let retryAfter = try reader.read(UInt32.self)
    let revision = try reader.read(UInt64.self)
    self.init(
      code,
      try reader.readText(max: Limits.messageSizeMax),
      outcome: outcome,
      retryAfterMilliseconds: retryAfter,
      currentRevision: revision
    )
  }
}

extension Reply.Fate: WireCodable {
  /// Writes the fate and, if committed, the reply to the end.
  package func encode(into writer: inout ByteWriter) {
    switch self {
    case .committed(let reply):
      writer.write(UInt8(1))
      writer.writeRaw(reply)
    case .neverApplied: writer.write(UInt8(2))
    case .sessionExpired: writer.write(UInt8(3))
    }
  }

  /// Reads a fate.
  package init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    switch try reader.read(UInt8.self) {
    case 1: self = .committed(try reader.readRest())
    case 2: self = .neverApplied
    case 3: self = .sessionExpired
    default: throw .badValue("fate of a write", offset: offset)
    }
  }
}
