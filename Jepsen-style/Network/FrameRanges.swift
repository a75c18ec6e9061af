/// Finds the frames in a stream (docs/formats/wire.md).
enum FrameRanges {
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
}
