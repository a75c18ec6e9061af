import Consensus
import Wire

extension Session: WireCodable {
  /// Writes all that decides later answers (docs/formats/state-image.md).
  func encode(into writer: inout ByteWriter) {
    writer.write(id)
    writer.write(nonce)
    writer.write(lastUseMicroseconds)
    writer.write(answeredThrough)
    let remembered = remembered
    writer.write(UInt16(remembered.count))
    for (distance, memory) in remembered {
      writer.write(UInt8(distance))
      switch memory {
      case .sealed: writer.write(false)
      case .reply(let index, let bytes):
        writer.write(true)
        writer.write(index.rawValue)
        writer.writeBlob(bytes)
      }
    }
  }

  /// Reads a session; what no session remembers is refused.
  init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      id: try reader.read(),
      nonce: try reader.read(),
      lastUseMicroseconds: try reader.read()
    )
    forgetAnswered(through: try reader.read())
    var nearest: UInt64 = 0
    for _ in 0..<(try reader.read(UInt16.self)) {
      let offset = reader.offset
      let distance = UInt64(try reader.read(UInt8.self))
      let (sequence, isPastLast) = (answeredThrough &+ 1).addingReportingOverflow(distance)
      guard distance >= nearest, !isPastLast, sequence > answeredThrough,
        objection(to: sequence) == nil
      else { throw .badValue("sequence of a session", offset: offset) }
      nearest = distance + 1
      remember(try Self.memory(from: &reader), of: sequence)
    }
  }

  private static func memory(from reader: inout ByteReader) throws(WireError) -> Memory {
    guard try reader.readBool() else { return .sealed }
    let index = LogIndex(try reader.read())
    return .reply(index: index, bytes: CompactBytes(try reader.readBlob(max: replySizeMax - 16)))
  }
}
