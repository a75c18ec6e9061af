import Consensus
package import Wire

extension DigestReport: WireCodable {
  /// Writes the boot (8 bytes), the count (2) and each mark (16).
  package func encode(into writer: inout ByteWriter) {
    writer.write(boot)
    writer.write(UInt16(marks.count))
    for mark in marks {
      writer.write(mark.index)
      writer.write(mark.digest)
    }
  }

  /// Reads a report; one without marks, with too many or in another order is refused.
  package init(from reader: inout ByteReader) throws(WireError) {
    boot = try reader.read()
    marks = []
    let offset = reader.offset
    let count = Int(try reader.read(UInt16.self))
    guard (1...Self.marksMax).contains(count) else {
      throw .badValue("count of digests", offset: offset)
    }
    for _ in 0..<count {
      let offset = reader.offset
      let mark = DigestMark(index: try reader.read(), digest: try reader.read())
      guard mark.index > marks.last?.index ?? .zero else {
        throw .badValue("order of digests", offset: offset)
      }
      marks.append(mark)
    }
  }
}
