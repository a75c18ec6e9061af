/// Decides in O(n log n) whether blocks of operations can follow each other, where the order
/// within every block is known and none may stand within another.
///
/// A value that is written once makes a block: its write, then all who read it; a successful
/// compare-and-set ties its block to that of the value it found. This is the argument of zones
/// (Gibbons and Korach, "Testing Shared Memories", 1997, §4.2), with blocks for their clusters.
/// Let first(A) be the earliest end, and last(A) the latest start, of A's operations. A has to come
/// before B exactly if some operation of A ends before one of B starts: first(A) < last(B).
/// - If each of two blocks has to come before the other, there is no order.
/// - If there are no such two, sorting by min(first, last) gives one. For suppose first(A) <
///   last(B). Of two blocks that start to be needed before they are done (last ≤ first) and of two
///   that do not, the keys then stand in this order at once; of a mixed pair they do because not
///   first(B) < last(A) as well.
/// Within a block, an operation may not end before one that comes earlier there begins.
struct BlockOrder {
  /// One operation in a block; those of equal level may stand in any order.
  struct Member {
    let operation: Int
    let level: Int
  }

  /// Why there is no order.
  enum Conflict: Equatable {
    /// Within a block, `later` must follow `earlier`, but ended before it began.
    case within(earlier: Int, later: Int)
    /// Of either block an operation ended before one of the other began; `firstEnded` is nil where
    /// the first block's value was there from the beginning.
    case between(firstEnded: Int?, secondBegan: Int, secondEnded: Int, firstBegan: Int)
  }

  private struct Zone {
    /// The earliest end, and whose.
    var first = Int.max
    var firstOperation: Int?
    /// The latest start, and whose.
    var last = Int.min
    var lastOperation: Int?

    var isForward: Bool { first < last }
    var key: Int { min(first, last) }
  }

  private let operations: [HistoryOperation]
  private let blocks: [[Member]]
  private let beginsFirst: Bool

  /// Blocks, each in order of level; if `beginsFirst`, the first one is of what was there from the
  /// beginning.
  init(_ blocks: [[Member]], of operations: [HistoryOperation], beginsFirst: Bool) {
    self.blocks = blocks
    self.operations = operations
    self.beginsFirst = beginsFirst
  }

  /// What stands against every order; nil if there is an order.
  func conflict() -> Conflict? {
    for block in blocks {
      if let reversal = reversal(in: block) { return reversal }
    }
    let zones = blocks.indices.map { zone(of: $0) }
    let forward = zones.filter(\.isForward).sorted { $0.first < $1.first }
    for (zone, next) in zip(forward, forward.dropFirst()) where next.first < zone.last {
      return conflict(zone, next)
    }
    for zone in zones where !zone.isForward {
      // The forward zones lie one behind the other: only the last that begins before can hold it.
      guard let place = forward.lastPlace(where: { $0.first < zone.last }),
        zone.first < forward[place].last
      else { continue }
      return conflict(forward[place], zone)
    }
    return nil
  }

  /// The blocks, by number, in an order that explains everything; only if there is no conflict.
  func order() -> [Int] {
    let zones = blocks.indices.map { zone(of: $0) }
    return blocks.indices.sorted {
      (zones[$0].key, zones[$0].isForward ? 1 : 0, $0)
        < (zones[$1].key, zones[$1].isForward ? 1 : 0, $1)
    }
  }

  private func reversal(in block: [Member]) -> Conflict? {
    // The member that began last, of this level and of all lower ones.
    var (ofLevel, below): (Member?, Member?) = (nil, nil)
    for member in block {
      if let known = ofLevel, known.level < member.level {
        below = start(known) > start(below) ? known : below
        ofLevel = nil
      }
      if let below, operations[member.operation].end < start(below) {
        return .within(earlier: below.operation, later: member.operation)
      }
      if start(member) > start(ofLevel) { ofLevel = member }
    }
    return nil
  }

  private func start(_ member: Member?) -> Int {
    member.map { operations[$0.operation].start } ?? -1
  }

  private func zone(of number: Int) -> Zone {
    var zone = Zone()
    for member in blocks[number] {
      let operation = operations[member.operation]
      if operation.end < zone.first {
        (zone.first, zone.firstOperation) = (operation.end, member.operation)
      }
      if operation.start > zone.last {
        (zone.last, zone.lastOperation) = (operation.start, member.operation)
      }
    }
    if beginsFirst, number == 0 { (zone.first, zone.firstOperation) = (-1, nil) }
    return zone
  }

  private func conflict(_ one: Zone, _ other: Zone) -> Conflict? {
    // Of the block that was there from the beginning nothing had to end.
    let (head, tail) = other.firstOperation == nil ? (other, one) : (one, other)
    guard let ended = tail.firstOperation, let began = tail.lastOperation,
      let firstBegan = head.lastOperation
    else { return nil }
    return .between(
      firstEnded: head.firstOperation,
      secondBegan: began,
      secondEnded: ended,
      firstBegan: firstBegan
    )
  }
}

extension [BlockOrder.Member] {
  /// In order of level.
  func inOrder() -> [BlockOrder.Member] { sorted { $0.level < $1.level } }
}

extension Array {
  /// The last place whose element fulfils a condition that holds for a beginning of the array.
  fileprivate func lastPlace(where holds: (Element) -> Bool) -> Int? {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if holds(self[middle]) { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? low - 1 : nil
  }
}
