import Consensus
package import Wire

extension PeerMessage: WireCodable where Message: WireCodable {
  /// Writes one byte for the kind and then the content.
  package func encode(into writer: inout ByteWriter) {
    switch self {
    case .consensus(let message):
      writer.write(UInt8(1))
      writer.write(message)
    case .forward(let request):
      writer.write(UInt8(2))
      writer.write(request)
    case .forwardRefused(let key, let refusal):
      writer.write(UInt8(3))
      writer.write(key)
      writer.write(refusal)
    case .digests(let report):
      writer.write(UInt8(4))
      writer.write(report)
    }
  }

  /// Reads a message; an unknown kind is refused.
  package init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    switch try reader.read(UInt8.self) {
    case 1: self = .consensus(try reader.read())
    case 2: self = .forward(try reader.read())
    case 3: self = .forwardRefused(try reader.read(), try reader.read())
    case 4: self = .digests(try reader.read())
    default: throw .badValue("peer message kind", offset: offset)
    }
  }
}
