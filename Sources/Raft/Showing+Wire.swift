package import Wire
import Consensus

// A showing is: node id 4, incarnation 8, directory 8, boot 8, process 8, start 8, position 8.
extension Showing: WireCodable {
  /// The most that one message or record carries: every member, with room for those who leave.
  static let countMax = 64

  /// Writes 52 bytes.
  package func encode(into writer: inout ByteWriter) {
    writer.write(member)
    for number in [directory, boot, process, start, position] { writer.write(number) }
  }

  /// Reads a showing.
  package init(from reader: inout ByteReader) throws(WireError) {
    member = try reader.read()
    directory = try reader.read()
    boot = try reader.read()
    process = try reader.read()
    let offset = reader.offset
    start = try reader.read()
    position = try reader.read()
    guard start <= position else { throw .badValue("showing", offset: offset) }
  }
}

extension Showing.Start: WireCodable {
  /// Writes boot, process and position.
  package func encode(into writer: inout ByteWriter) {
    writer.write(boot)
    writer.write(process)
    writer.write(position)
  }

  /// Reads a start.
  package init(from reader: inout ByteReader) throws(WireError) {
    boot = try reader.read()
    process = try reader.read()
    position = try reader.read()
  }
}

extension ByteWriter {
  mutating func write(_ showings: [Showing]) {
    write(UInt32(showings.count))
    for showing in showings { write(showing) }
  }
}

extension ByteReader {
  mutating func readShowings() throws(WireError) -> [Showing] {
    var showings: [Showing] = []
    for _ in 0..<(try readCount(max: Showing.countMax)) { showings.append(try read()) }
    return showings
  }
}
