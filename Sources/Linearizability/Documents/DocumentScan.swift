/// What a scan or a count says of the keys it looked at.
struct DocumentScan {
  /// The keys that it tells of: those of its range, up to the last item where a limit was reached.
  let keys: Range<Int>
  /// Whether it names the newest change that it saw.
  let isStamped: Bool
  /// The items found, by key; empty for a count.
  private let found: [Int: UInt64]
  /// Whether items lie outside, or in the wrong order, or are too many.
  private let isImpossible: Bool

  /// Nil for what is neither.
  init?(_ step: DocumentHistory.Step, in history: DocumentHistory) {
    isStamped = step.answer?.stamp != nil
    switch (step.call.action, step.answer) {
    case (.count(let span), _):
      keys = history.numbers(of: span)
      found = [:]
      isImpossible = false
    case (.scan(let span, let order), .items(let entries, _)?):
      let range = history.numbers(of: span)
      let numbers = entries.compactMap { history.number(of: $0.key) }
      let ascending = order.isReversed ? numbers.reversed() : numbers
      isImpossible =
        numbers.contains { !range.contains($0) } || entries.count > order.limit ?? .max
        || zip(ascending, ascending.dropFirst()).contains { $0 >= $1 }
      let isCut = entries.count == order.limit
      if isCut, let last = numbers.last, range.contains(last) {
        keys = order.isReversed ? last..<range.upperBound : range.lowerBound..<(last + 1)
      } else {
        keys = range
      }
      found = Dictionary(zip(numbers, entries.map(\.revision))) { first, _ in first }
    default: return nil
    }
  }

  /// The keys that have something under them and should not have; nil if something is missing.
  func excess(in item: (Int) -> DocumentItem?) -> [Int]? {
    guard !isImpossible else { return nil }
    var excess: [Int] = []
    for key in keys {
      let there = item(key)
      guard let revision = found[key] else {
        if there != nil { excess.append(key) }
        continue
      }
      guard there?.revision == revision else { return nil }
    }
    return excess
  }
}
