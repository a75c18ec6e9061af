import Wire

/// The newest record of a journal that must not be lost.
package struct JournalVital: Equatable, Sendable {
  /// The position at which it was appended.
  package let position: UInt64
  /// Its bytes.
  package let payload: [UInt8]
}

/// The first 4096 bytes of a segment: whose it is, and how it continues the one before.
///
/// A header is synced under another name before the segment gets its own, so a segment never
/// has half a header; a damaged one is rot.
struct SegmentHeader: Equatable, Sendable {
  /// The size of the whole segment.
  let segmentSize: Int
  /// The 32 bytes that tell this journal from all others.
  let identity: [UInt8]
  let number: UInt64
  /// The position of the segment's first record; all before it were synced.
  let firstPosition: UInt64
  /// The checksum of the previous segment's seal.
  let previousChecksum: UInt32
  /// The newest vital record before this segment.
  let vital: JournalVital?

  static let size = 4096
  static let identitySize = 32
}

extension SegmentHeader {
  /// The name of the file of segment `number`.
  static func fileName(_ number: UInt64) -> String {
    "journal-" + number.padded(to: 16) + ".seg"
  }

  /// The number in a segment's file name; nil if it is no such name.
  static func number(of fileName: String) -> UInt64? {
    guard fileName.hasPrefix("journal-"), fileName.hasSuffix(".seg"),
      let number = UInt64(fileName.dropFirst(8).dropLast(4)), number > 0,
      // The one spelling only: no sign, no other count of zeros.
      Array(Self.fileName(number).utf8) == Array(fileName.utf8)
    else { return nil }
    return number
  }
}
