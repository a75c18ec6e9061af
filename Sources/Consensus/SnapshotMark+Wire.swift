package import Wire

extension SnapshotMark: WireCodable {
  private static let formatVersion: UInt16 = 1

  /// Writes version, index, term, log time, the configuration's index and the configuration.
  package func encode(into writer: inout ByteWriter) {
    writer.write(Self.formatVersion)
    writer.write(index)
    writer.write(term)
    writer.write(logTimeMicroseconds)
    writer.write(configurationIndex)
    writer.write(configuration)
  }

  /// Reads a mark; a snapshot of nothing, or a configuration from behind it, is refused.
  package init(from reader: inout ByteReader) throws(WireError) {
    let version = try reader.read(UInt16.self)
    guard version == Self.formatVersion else {
      throw .unsupportedVersion(version, what: "snapshot mark")
    }
    let offset = reader.offset
    index = try reader.read()
    term = try reader.read()
    logTimeMicroseconds = try reader.read()
    configurationIndex = try reader.read()
    configuration = try reader.read()
    let numberMax: UInt64 = 1 << 62
    guard index > .zero, index.rawValue <= numberMax, term.rawValue <= numberMax,
      configurationIndex <= index
    else { throw .badValue("snapshot mark", offset: offset) }
  }
}
