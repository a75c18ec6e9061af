/// Finds the frames in a stream (docs/formats/wire.md), or the records of one that is sealed.
enum FrameRanges {
  private static let recordHeadSize = 5
  private static let recordKinds: ClosedRange<UInt8> = 20...23
  private static let recordLengthMax = (16 << 10) + 256

  private static let headSize = 4
  private static let lengthMin = 16
  private static let lengthMax = (9 << 20) + (64 << 10)

  /// The whole frames at the start of the range, one behind the other.
  ///
  /// What is no frame is handed on as one piece: whoever receives it judges.
  static func whole(in bytes: [UInt8], _ range: Range<Int>) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var start = range.lowerBound
    while start + headSize <= range.upperBound {
      let length = (0..<headSize).reduce(0) { $0 | Int(bytes[start + $1]) << (8 * $1) }
      guard (lengthMin...lengthMax).contains(length) else {
        found.append(start..<range.upperBound)
        break
      }
      let end = start + headSize + length
      guard end <= range.upperBound else { break }
      found.append(start..<end)
      start = end
    }
    return found
  }

  /// The whole records of TLS (RFC 8446 §5.1) at the start of the range.
  ///
  /// What is no record is handed on as one piece, as above.
  static func wholeRecords(in bytes: [UInt8], _ range: Range<Int>) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var start = range.lowerBound
    while start + recordHeadSize <= range.upperBound {
      let length = Int(bytes[start + 3]) << 8 | Int(bytes[start + 4])
      guard recordKinds.contains(bytes[start]), length <= recordLengthMax else {
        found.append(start..<range.upperBound)
        break
      }
      let end = start + recordHeadSize + length
      guard end <= range.upperBound else { break }
      found.append(start..<end)
      start = end
    }
    return found
  }
}
