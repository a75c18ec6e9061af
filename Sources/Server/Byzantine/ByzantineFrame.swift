import PBFT
import Wire

/// What nodes of a Byzantine cluster say to each other, one to a frame (docs/formats/pbft.md).
enum ByzantineFrame: Sendable {
  /// A core speaks to a core.
  case consensus(PBFTMessage)
  /// Of the transfer of a state; its bytes belong to whoever transfers it.
  case state([UInt8])
  /// Proof that somebody broke the protocol.
  case evidence([UInt8])
}

extension ByzantineFrame: WireCodable {
  /// Writes the kind and what it is about.
  func encode(into writer: inout ByteWriter) {
    switch self {
    case .consensus(let message):
      writer.write(UInt8(1))
      writer.write(message)
    case .state(let bytes):
      writer.write(UInt8(2))
      writer.writeRaw(bytes)
    case .evidence(let bytes):
      writer.write(UInt8(3))
      writer.writeRaw(bytes)
    }
  }

  /// Reads a frame's payload, to its end.
  init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    switch try reader.read(UInt8.self) {
    case 1: self = .consensus(try reader.read())
    case 2: self = .state(try reader.readRaw(reader.remaining))
    case 3: self = .evidence(try reader.readRaw(reader.remaining))
    default: throw .badValue("frame between nodes", offset: offset)
    }
    try reader.expectEnd()
  }
}
