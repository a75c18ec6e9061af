/// The field names of the documents being read, innermost last, to find doubles.
///
/// Few names are compared pair by pair as they come; many are sorted once at the end, so that
/// a million names cost no million squared.
struct FieldNames {
  /// A name: its bytes in the document, and where the input has it.
  struct Mark {
    let bytes: Range<Int>
    let place: Int
  }

  private static let pairwiseMax = 24
  private var marks: [Mark] = []

  /// Where the names of a document that begins now will start.
  var mark: Int { marks.count }

  /// Notes a name; true if an earlier name of the same document is known to be the same.
  mutating func add(_ name: Mark, since base: Int, in bytes: [UInt8]) -> Bool {
    if marks.count - base < Self.pairwiseMax {
      for index in base..<marks.count where bytes.isSame(marks[index].bytes, as: name.bytes) {
        return true
      }
    }
    marks.append(name)
    return false
  }

  /// Forgets the names of a document that ends; gives back a double, if there is one.
  mutating func removeAll(since base: Int, in bytes: [UInt8]) -> Mark? {
    defer { marks.removeSubrange(base...) }
    guard marks.count - base > Self.pairwiseMax else { return nil }
    let sorted = marks[base...].sorted { Self.isOrdered($0, $1, in: bytes) }
    for index in 1..<sorted.count
    where bytes.isSame(sorted[index - 1].bytes, as: sorted[index].bytes) {
      return sorted[index]
    }
    return nil
  }

  /// By length, then by bytes, then by place, so that the later of two doubles is reported.
  private static func isOrdered(_ left: Mark, _ right: Mark, in bytes: [UInt8]) -> Bool {
    guard left.bytes.count == right.bytes.count else {
      return left.bytes.count < right.bytes.count
    }
    for step in 0..<left.bytes.count {
      let (first, second) = (
        bytes[left.bytes.lowerBound + step], bytes[right.bytes.lowerBound + step]
      )
      guard first == second else { return first < second }
    }
    return left.place < right.place
  }
}
