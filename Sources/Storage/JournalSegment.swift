/// A segment that holds records of the journal.
struct JournalSegment: Equatable, Sendable {
  let number: UInt64
  /// The position of its first record.
  let firstPosition: UInt64
  /// Its size in bytes.
  let size: Int
  /// Whether something in it, or right behind it, is not as it was written.
  var isDamaged = false
}
