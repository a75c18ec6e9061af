package import Wire

extension CommandReply: WireCodable {
  /// Writes the kind of reply and its fields.
  package func encode(into writer: inout ByteWriter) {
    switch self {
    case .failed(let failure):
      writer.write(UInt8(0))
      writer.write(failure)
    case .written(let revision, let existedBefore, let id):
      writer.write(UInt8(1))
      writer.write(revision)
      writer.write(existedBefore)
      writer.writeKey(id)
    case .deleted(let revision, let existed):
      writer.write(UInt8(2))
      writer.write(revision)
      writer.write(existed)
    case .incremented(let revision, let value):
      writer.write(UInt8(3))
      writer.write(revision)
      writer.write(value)
    case .changed(let revision):
      writer.write(UInt8(4))
      writer.write(revision)
    }
  }

  /// Reads a reply.
  package init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    switch try reader.read(UInt8.self) {
    case 0:
      self = .failed(try reader.read())
    case 1:
      self = .written(
        revision: try reader.read(),
        existedBefore: try reader.readBool(),
        id: try reader.readKey()
      )
    case 2:
      self = .deleted(revision: try reader.read(), existed: try reader.readBool())
    case 3:
      self = .incremented(revision: try reader.read(), value: try reader.read())
    case 4:
      self = .changed(revision: try reader.read())
    default:
      throw .badValue("command reply", offset: offset)
    }
  }
}

extension CommandReply.Failure: WireCodable {
  /// Writes code, revision and message.
  package func encode(into writer: inout ByteWriter) {
    writer.write(code.wireCode)
    writer.write(currentRevision)
    writer.writeText(message, cutAt: Limits.messageSizeMax)
  }

  /// Reads a failure.
  package init(from reader: inout ByteReader) throws(WireError) {
    let code = ErrorCode(wireCode: try reader.read())
    let revision = try reader.read(UInt64.self)
    let message = try reader.readText(max: Limits.messageSizeMax)
    self.init(code, message, currentRevision: revision)
  }
}
