/// A whole, checked frame that still lies in the bytes it was found in.
package struct FrameView: Hashable, Sendable {
  /// What the frame says about its payload.
  package let head: FrameHead
  /// Where the payload lies.
  package let payload: Range<Int>

  /// The offset behind the frame, where the next one starts.
  package var end: Int { payload.upperBound }
}

/// Finds frames in received bytes and refuses what cannot be one as early as it shows.
package struct FrameReader: Sendable {
  /// The most bytes a frame may have; checked as soon as four bytes have arrived.
  package var sizeMax: Int

  /// A reader of frames up to this size.
  package init(sizeMax: Int) {
    self.sizeMax = sizeMax
  }

  /// The frame at the start of the range, or nil if more bytes are needed.
  ///
  /// - Throws: `WireError` where no later byte can help; the connection cannot go on.
  package func next(in bytes: [UInt8], _ range: Range<Int>) throws(WireError) -> FrameView? {
    guard range.count >= Frame.lengthFieldSize else { return nil }
    let start = range.lowerBound
    var header = ByteReader(bytes, range)
    let length = Int(try header.read(UInt32.self))
    try checkLength(length, at: start, in: bytes)
    guard range.count >= Frame.lengthFieldSize + length else { return nil }

    let end = start + Frame.lengthFieldSize + length
    let stated = try header.read(UInt32.self)
    let computed = Frame.checksum(of: bytes, start..<end)
    guard stated == computed else {
      throw .checksumMismatch(expected: stated, found: computed)
    }
    return try view(from: ByteReader(bytes, header.offset..<end))
  }

  private func checkLength(_ length: Int, at start: Int, in bytes: [UInt8]) throws(WireError) {
    if length < Frame.lengthMin || length > sizeMax - Frame.lengthFieldSize {
      if let protocolName = Self.foreignProtocol(bytes[start...].prefix(4)) {
        throw .badValue("frame: this is \(protocolName), not Lockstep's protocol", offset: start)
      }
    }
    guard length >= Frame.lengthMin else { throw .badValue("frame length", offset: start) }
    guard length <= sizeMax - Frame.lengthFieldSize else {
      throw .tooLarge("frame", size: length, limit: sizeMax, offset: start)
    }
  }

  /// Reads what stands behind the checksum.
  private func view(from reader: ByteReader) throws(WireError) -> FrameView {
    var reader = reader
    let version = try reader.read(UInt8.self)
    guard version == Frame.version else {
      throw .unsupportedVersion(UInt16(version), what: "frame")
    }
    let kind = try reader.read(UInt8.self)
    let flags = FrameFlags(rawValue: try reader.read())
    guard FrameFlags.known.isSuperset(of: flags), !flags.contains(.compressed) else {
      throw .badValue("frame flags", offset: reader.offset - 1)
    }
    let extensionsSize = Int(try reader.read(UInt8.self)) * Frame.extensionWordSize
    var head = FrameHead(kind: kind, requestID: try reader.read(), flags: flags)
    guard extensionsSize > 0 else {
      return FrameView(head: head, payload: reader.offset..<reader.end)
    }
    let payloadStart = reader.offset + extensionsSize
    guard payloadStart <= reader.end else {
      throw .truncated(needed: extensionsSize, remaining: reader.remaining, offset: reader.offset)
    }
    var extensions = ByteReader(reader.bytes, reader.offset..<payloadStart)
    while extensions.remaining > 0 {
      try readExtension(from: &extensions, into: &head)
    }
    return FrameView(head: head, payload: payloadStart..<reader.end)
  }

  private func readExtension(
    from reader: inout ByteReader,
    into head: inout FrameHead
  ) throws(WireError) {
    let type = try reader.read(UInt8.self)
    guard type != Frame.ExtensionType.padding else { return }
    let size = Int(try reader.read(UInt8.self))
    switch (type, size) {
    case (Frame.ExtensionType.deadline, 4):
      head.deadlineMilliseconds = try reader.read()
    case (Frame.ExtensionType.trace, 16):
      head.traceID = TraceID(high: try reader.read(), low: try reader.read())
    case (Frame.ExtensionType.deadline, _), (Frame.ExtensionType.trace, _):
      throw .badValue("size of frame extension", offset: reader.offset - 1)
    default:
      try reader.skip(size)
    }
  }

  /// The name of a protocol that people send to a wrong port, told by its first four bytes.
  private static func foreignProtocol(_ first: ArraySlice<UInt8>) -> String? {
    if first.starts(with: [0x16, 0x03]) { return "TLS" }
    let methods = ["GET ", "POST", "PUT ", "HEAD", "DELE", "OPTI", "PATC", "CONN", "PRI "]
    return methods.contains { first.elementsEqual($0.utf8) } ? "HTTP" : nil
  }
}
