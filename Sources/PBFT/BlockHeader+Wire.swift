import Consensus
package import Wire

extension BlockHeader: WireCodable {
  /// The most requests in a block.
  package static let requestsMax: UInt32 = 4_096

  /// Writes 154 bytes.
  package func encode(into writer: inout ByteWriter) {
    writer.write(kind.rawValue)
    writer.write(place)
    writer.write(parent)
    writer.write(timeMicroseconds)
    writer.write(lastIndex)
    writer.write(requestCount)
    writer.write(bodySize)
    writer.write(bodyRoot)
    writer.write(newView)
  }

  /// Reads a header; what no honest primary can have made is refused.
  package init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    guard let kind = Kind(rawValue: try reader.read()) else {
      throw .badValue("block kind", offset: offset)
    }
    self.init(
      place: try reader.read(),
      parent: try reader.read(),
      timeMicroseconds: try reader.readNumber("block time"),
      lastIndex: LogIndex(try reader.readNumber("log index")),
      requestCount: try reader.read(),
      bodySize: try reader.read(),
      bodyRoot: try reader.read(),
      kind: kind,
      newView: try reader.read()
    )
    guard isWellFormed else { throw .badValue("block header", offset: offset) }
  }

  /// Each kind has one form: counts, the new-view digest and the place fit it.
  private var isWellFormed: Bool {
    switch kind {
    case .genesis: self == .genesis
    case .anchor:
      requestCount == 0 && sequenceNumber > .zero && view > .zero && lastIndex > LogIndex(1)
    case .normal:
      requestCount > 0 && requestCount <= Self.requestsMax && newView == .zero
        && sequenceNumber > .zero && lastIndex.rawValue > UInt64(requestCount)
    }
  }
}
