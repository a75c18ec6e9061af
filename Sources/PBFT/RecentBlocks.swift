package import Consensus

/// The newest executed blocks, for those who ask what became of a request in one.
///
/// Bodies are shared with the log as long as that has them, so that they cost memory only behind
/// the newest checkpoint, and no more than a bound.
struct RecentBlocks: Sendable {
  private static let countMax = 512
  private static let sizeMax = 16 << 20

  private var slots: [LoggedBlock?] = []
  /// The places of what is held, without gaps.
  private var held = UInt64(0)..<UInt64(0)
  private var size = 0

  /// Takes note of the next executed block; one that does not follow begins anew.
  mutating func add(_ block: LoggedBlock) {
    let place = block.sequenceNumber.rawValue
    if slots.isEmpty { slots = Array(repeating: nil, count: Self.countMax) }
    if place != held.upperBound { clear(at: place) }
    while held.count >= Self.countMax || size > Self.sizeMax { forgetOldest() }
    slots[Int(place) % Self.countMax] = block
    size += Int(block.header.bodySize)
    held = held.lowerBound..<place + 1
  }

  /// The block that holds the entry at a log index, if it is still here.
  func block(with index: LogIndex) -> LoggedBlock? {
    var (low, high) = (held.lowerBound, held.upperBound)
    while low < high {
      let middle = (low + high) / 2
      guard let block = slots[Int(middle) % Self.countMax] else { return nil }
      if block.header.lastIndex < index {
        low = middle + 1
      } else if block.header.firstIndex > index {
        high = middle
      } else {
        return block
      }
    }
    return nil
  }

  private mutating func clear(at place: UInt64) {
    while !held.isEmpty { forgetOldest() }
    held = place..<place
  }

  private mutating func forgetOldest() {
    let slot = Int(held.lowerBound) % Self.countMax
    size -= Int(slots[slot]?.header.bodySize ?? 0)
    slots[slot] = nil
    held = held.lowerBound + 1..<held.upperBound
  }
}

extension PBFTCore {
  /// What this replica signs of a write that it has executed.
  ///
  /// - Parameters:
  ///   - key: The write.
  ///   - client: Whose it is.
  ///   - index: Where it was applied the first time.
  ///   - result: What was answered.
  /// - Returns: Its word alone, as a receipt that others' words have to join; nil if the block is
  ///   not remembered any more.
  package func receipt(
    for key: RequestKey,
    of client: PublicKey,
    at index: LogIndex,
    result: [UInt8]
  ) -> Receipt? {
    guard halt == nil, let logged = recent.block(with: index) else { return nil }
    for envelope in logged.block.body where envelope.client == client {
      guard let request = envelope.requests.first(where: { $0.key == key }) else { continue }
      let fact = ReceiptWord.Fact(
        block: (logged.sequenceNumber, logged.digest),
        index: index,
        client: client,
        request: authority.digest(of: request),
        result: authority.digester.digest(of: result, domain: .result)
      )
      let word = authority.word(for: fact, of: own, by: options.signer)
      return Receipt(request: request, result: result, words: [word])
    }
    return nil
  }
}
