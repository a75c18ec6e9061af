import ClientProtocol

/// What the nodes say became of one request.
///
/// A request that was ordered twice is answered twice, so that an honest node may say more than
/// one thing; each counts once for whatever it said.
struct ReplyVotes {
  /// What a node says; equal words are those that can prove each other.
  struct Word: Equatable {
    var index: UInt64
    var body: Reply.Body
  }

  /// So many different things of one node are remembered, the newest: an honest one says few.
  private static let wordsMax = 4

  private var words: [(node: UInt32, word: Word)] = []

  /// How many nodes have said anything.
  var heardCount: Int { Set(words.map(\.node)).count }

  /// Notes a node's word.
  ///
  /// - Returns: How many nodes say the same.
  mutating func note(_ word: Word, from node: UInt32) -> Int {
    if !words.contains(where: { $0.node == node && $0.word == word }) {
      let own = words.indices.filter { words[$0].node == node }
      if own.count >= Self.wordsMax, let oldest = own.first { words.remove(at: oldest) }
      words.append((node, word))
    }
    return words.count { $0.word == word }
  }

  /// Who has only said something else.
  func dissenters(from word: Word) -> [UInt32] {
    let agreeing = words.filter { $0.word == word }.map(\.node)
    return Set(words.map(\.node)).subtracting(agreeing).sorted()
  }
}
