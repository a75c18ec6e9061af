import Consensus
import Wire

extension ResultDigests: WireCodable {
  /// Writes all digests that are still known (docs/formats/state-image.md); the newest entry's is
  /// the chain itself.
  func encode(into writer: inout ByteWriter) {
    let newest = newest.index
    writer.write(newest.rawValue)
    for index in Self.recentIndexes(through: newest) {
      writer.write(recent[Int(index % Self.stretchSize)])
    }
    for index in Self.stretchEnds(through: newest) {
      writer.write(stretches.digest(at: LogIndex(index)) ?? 0)
    }
  }

  /// Reads digests; how many there are follows from the newest entry's index.
  init(from reader: inout ByteReader) throws(WireError) {
    self.init()
    let offset = reader.offset
    let index = LogIndex(try reader.read())
    guard index.rawValue <= 1 << 62 else { throw .badValue("log index", offset: offset) }
    for index in Self.recentIndexes(through: index) {
      recent[Int(index % Self.stretchSize)] = try reader.read()
    }
    for index in Self.stretchEnds(through: index) {
      stretches.add(DigestMark(index: LogIndex(index), digest: try reader.read()))
    }
    guard index > .zero else { return }
    let digest = recent[Int(index.rawValue % Self.stretchSize)]
    newest = DigestMark(index: index, digest: digest)
    chain = StateDigest(continuing: digest)
  }

  private static func recentIndexes(through newest: LogIndex) -> Range<UInt64> {
    let end = newest.rawValue + 1
    return (end - min(newest.rawValue, stretchSize))..<end
  }

  private static func stretchEnds(through newest: LogIndex) -> StrideThrough<UInt64> {
    let last = newest.rawValue / stretchSize
    let count = min(last, UInt64(StretchMarks.countMax))
    return stride(
      from: (last - count + 1) * stretchSize,
      through: last * stretchSize,
      by: Int(stretchSize)
    )
  }
}
