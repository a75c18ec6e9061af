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
  /// Of a larger answer only a digest is remembered: a liar's need not be true, and may be many.
  private static let bodySizeMax = 1_024

  /// What is remembered of an answer.
  ///
  /// A digest is keyed by chance of this process, so that nobody can make another answer for it.
  private enum Memory: Equatable {
    case body(Reply.Body)
    case digest(Int, Int)
  }

  private struct Heard: Equatable {
    let index: UInt64
    let memory: Memory
  }

  private var words: [(node: UInt32, heard: Heard)] = []

  /// How many nodes have said anything.
  var heardCount: Int { Set(words.map(\.node)).count }

  /// Notes a node's word.
  ///
  /// - Returns: How many nodes say the same.
  mutating func note(_ word: Word, from node: UInt32) -> Int {
    let heard = Self.heard(word)
    if !words.contains(where: { $0.node == node && $0.heard == heard }) {
      let own = words.indices.filter { words[$0].node == node }
      if own.count >= Self.wordsMax, let oldest = own.first { words.remove(at: oldest) }
      words.append((node, heard))
    }
    return words.count { $0.heard == heard }
  }

  /// Who has only said something else.
  func dissenters(from word: Word) -> [UInt32] {
    let heard = Self.heard(word)
    let agreeing = words.filter { $0.heard == heard }.map(\.node)
    return Set(words.map(\.node)).subtracting(agreeing).sorted()
  }

  private static func heard(_ word: Word) -> Heard {
    switch word.body {
    case .result(let bytes) where bytes.count > bodySizeMax:
      Heard(index: word.index, memory: digest(of: bytes, kind: 0))
    case .error(let refused) where refused.message.utf8.count > bodySizeMax:
      // No honest node says so much.
      Heard(index: word.index, memory: digest(of: Array(refused.message.utf8), kind: 1))
    case .outcome(.committed(let bytes)) where bytes.count > bodySizeMax:
      Heard(index: word.index, memory: digest(of: bytes, kind: 2))
    case .status:
      // It answers no ordered request, so that it does not matter which it is.
      Heard(index: word.index, memory: digest(of: [], kind: 3))
    default: Heard(index: word.index, memory: .body(word.body))
    }
  }

  private static func digest(of bytes: [UInt8], kind: UInt8) -> Memory {
    var halves = (Hasher(), Hasher())
    halves.0.combine(kind)
    halves.1.combine(~kind)
    func note(_ word: UInt64) {
      halves.0.combine(word)
      halves.1.combine(word)
    }
    var word: UInt64 = 0
    for (place, byte) in bytes.enumerated() {
      word = word << 8 | UInt64(byte)
      if place % 8 == 7 { note(word) }
    }
    note(word)
    note(UInt64(bytes.count))
    return .digest(halves.0.finalize(), halves.1.finalize())
  }
}
