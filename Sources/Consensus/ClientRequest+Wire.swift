package import Wire

/// The most bytes a replicated command may have: the largest document and its envelope.
package let commandSizeMax = 9 << 20

extension ClientRequest: WireCodable {
  /// Writes kind, session, sequence, answeredThrough and the command's bytes.
  package func encode(into writer: inout ByteWriter) {
    writer.write(kind.rawValue)
    writer.write(session)
    writer.write(sequence)
    writer.write(answeredThrough)
    writer.writeBlob(command)
  }

  /// Reads a request; an unknown kind or an oversized command is refused.
  package init(from reader: inout ByteReader) throws(WireError) {
    try self.init(sharing: &reader)
    command = command.copied()
  }

  /// The same, but the command goes on living in the array that is read.
  package init(sharing reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    guard let kind = Kind(rawValue: try reader.read()) else {
      throw .badValue("request kind", offset: offset)
    }
    self.init(
      kind,
      session: try reader.read(),
      sequence: try reader.read(),
      answeredThrough: try reader.read(),
      command: try reader.shareBlob(max: commandSizeMax)
    )
  }
}

extension RequestKey: WireCodable {
  /// Writes kind, session and sequence.
  package func encode(into writer: inout ByteWriter) {
    writer.write(kind.rawValue)
    writer.write(session)
    writer.write(sequence)
  }

  /// Reads a key.
  package init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    guard let kind = ClientRequest.Kind(rawValue: try reader.read()) else {
      throw .badValue("request kind", offset: offset)
    }
    self.init(kind: kind, session: try reader.read(), sequence: try reader.read())
  }
}
