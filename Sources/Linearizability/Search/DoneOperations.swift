/// Which operations an order has so far, in little room.
///
/// Answered operations are numbered in the order in which they began. Few are done far ahead of the
/// first that is not, so of those only the words from the first gap on are kept. Operations that
/// nobody saw the answer of may stay open for ever; they have bits of their own, so that they do
/// not hold the beginning of the others back.
struct DoneOperations: Hashable {
  /// All answered operations below this many words are done.
  private var fullWords = 0
  private var words: [UInt64] = []
  private var unanswered = OperationSet()

  /// Adds an answered operation.
  mutating func insert(answered number: Int) {
    let place = number / 64 - fullWords
    while words.count <= place { words.append(0) }
    words[place] |= 1 << UInt64(number % 64)
    while words.first == .max {
      words.removeFirst()
      fullWords += 1
    }
  }

  /// Adds an operation that nobody saw the answer of.
  mutating func insert(unanswered number: Int) { unanswered.insert(number) }
}
