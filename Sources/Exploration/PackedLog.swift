import Consensus
import Raft

/// A log in a word: a byte per entry, the first one lowest.
///
/// An entry is told by its term (high half) and by what it holds (low half: 1 configuration,
/// 2 no-op, from 3 on the clients' requests). Times in entries decide nothing and are left out.
struct PackedLog: Hashable {
  static let countMax = 8
  private static let numberMax: UInt64 = 15

  private(set) var bits: UInt64 = 0

  /// Up to which index the log reaches.
  var count: Int { (64 - bits.leadingZeroBitCount + 7) / 8 }

  /// The entry at an index that exists, the first one being 1.
  subscript(index: Int) -> UInt8 { UInt8(truncatingIfNeeded: bits >> UInt64(8 * (index - 1))) }

  /// The term of the entry at an index that exists.
  func term(at index: Int) -> UInt8 { self[index] >> 4 }

  /// The log's beginning.
  func prefix(_ count: Int) -> PackedLog {
    guard count < Self.countMax else { return self }
    var log = self
    log.bits &= (1 << UInt64(8 * count)) - 1
    return log
  }

  /// Whether this log begins with all of another.
  func begins(with other: PackedLog) -> Bool { prefix(other.count) == other }

  /// How many of the first entries are equal in both logs.
  func agreement(with other: PackedLog) -> Int {
    min((bits ^ other.bits).trailingZeroBitCount / 8, count, other.count)
  }

  mutating func append(_ entry: UInt8) {
    invariant(count < Self.countMax, "a small world's log has at most 8 entries")
    bits |= UInt64(entry) << UInt64(8 * count)
  }

  mutating func truncate(from index: Int) {
    self = prefix(index - 1)
  }

  /// The byte of an entry.
  static func code(_ entry: LogEntry) -> UInt8 {
    let content: UInt64 =
      switch entry.payload {
      case .configuration: 1
      case .noOp: 2
      case .request(let request), .signed(let request, _): 2 + request.sequence
      }
    invariant(
      entry.term.rawValue <= numberMax && content <= numberMax,
      "a small world has at most 15 terms and 13 requests"
    )
    return UInt8(entry.term.rawValue << 4 | content)
  }

  static func isRequest(_ entry: UInt8) -> Bool { entry & 15 > 2 }

  /// What an entry's byte means, in words.
  static func text(_ entry: UInt8) -> String {
    let content =
      switch entry & 15 {
      case 1: "configuration"
      case 2: "no-op"
      default: "request \((entry & 15) - 2)"
      }
    return "\(content) of term \(entry >> 4)"
  }
}
