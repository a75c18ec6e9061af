import Consensus

/// A block that this replica holds, and what it knows of the votes for it.
struct LoggedBlock: Hashable, Sendable {
  let block: Block
  let digest: Digest
  /// The record that holds it.
  let position: UInt64
  /// The primary's, where it came as a proposal.
  var primary: Vote?
  /// This replica's own: its proposal or its prepare; nil for a block that was taken over.
  var own: Vote?

  var header: BlockHeader { block.header }
  var sequenceNumber: SequenceNumber { block.header.sequenceNumber }
}

/// The chain of blocks that this replica goes by, and blocks beside it that must not be lost.
///
/// There is one tip. Blocks that a new view or a certificate put aside are *orphans*: others may
/// hold a certificate for them, so their bodies are kept until nothing can choose them any more.
struct BlockLog: Sendable {
  /// The block that the log begins behind; its body is not needed.
  private(set) var base = BlockHeader.genesis
  private(set) var baseDigest: Digest
  /// The chain behind the base, without gaps.
  private(set) var blocks: [LoggedBlock] = []
  private(set) var orphans: [LoggedBlock] = []

  init(genesis: Digest) {
    baseDigest = genesis
  }

  var tip: BlockHeader { blocks.last?.header ?? base }
  var tipDigest: Digest { blocks.last?.digest ?? baseDigest }

  func block(at place: SequenceNumber) -> LoggedBlock? {
    guard place > base.sequenceNumber, place <= tip.sequenceNumber else { return nil }
    return blocks[Int(place.rawValue - base.sequenceNumber.rawValue - 1)]
  }

  func header(at place: SequenceNumber) -> BlockHeader? {
    place == base.sequenceNumber ? base : block(at: place)?.header
  }

  /// The block of the chain, or its base, whose last entry has an index.
  func place(endingAt index: LogIndex) -> SequenceNumber? {
    if base.lastIndex == index { return base.sequenceNumber }
    return blocks.last { $0.header.lastIndex == index }?.sequenceNumber
  }

  func digest(at place: SequenceNumber) -> Digest? {
    place == base.sequenceNumber ? baseDigest : block(at: place)?.digest
  }

  func contains(_ digest: Digest, at place: SequenceNumber) -> Bool {
    self.digest(at: place) == digest
  }

  /// The chain's blocks above a place.
  func blocks(above place: SequenceNumber) -> ArraySlice<LoggedBlock> {
    guard place > base.sequenceNumber else { return blocks[...] }
    return blocks.dropFirst(Int(place.rawValue - base.sequenceNumber.rawValue))
  }

  func find(_ digest: Digest) -> LoggedBlock? {
    blocks.last { $0.digest == digest } ?? orphans.first { $0.digest == digest }
  }

  // MARK: Paths

  /// How a block is reached from the chain.
  enum Path {
    /// Over these blocks, from behind the place where they leave the chain.
    case known(from: SequenceNumber, over: [LoggedBlock])
    /// This block is missing.
    case missing(Digest, SequenceNumber)
    /// Not at all: it leaves the chain before the base.
    case foreign
  }

  /// Goes back from a block over its ancestors until the chain is met.
  func path(to digest: Digest, at place: SequenceNumber) -> Path {
    var wanted = digest
    var place = place
    var found: [LoggedBlock] = []
    while !contains(wanted, at: place) {
      guard place > base.sequenceNumber else { return .foreign }
      guard let orphan = orphans.first(where: { $0.digest == wanted }) else {
        return .missing(wanted, place)
      }
      guard orphan.sequenceNumber == place else { return .foreign }
      found.append(orphan)
      wanted = orphan.header.parent
      place = SequenceNumber(place.rawValue - 1)
    }
    return .known(from: place, over: found.reversed())
  }

  /// Makes a block the tip, if it is reached from the chain; what leaves the chain is an orphan.
  mutating func moveTip(to digest: Digest, at place: SequenceNumber) -> Bool {
    guard case .known(let junction, let path) = path(to: digest, at: place) else { return false }
    let kept = Int(junction.rawValue - base.sequenceNumber.rawValue)
    let abandoned = blocks[kept...]
    blocks.removeSubrange(kept...)
    orphans.removeAll { orphan in path.contains { $0.digest == orphan.digest } }
    orphans += abandoned
    blocks += path
    return true
  }

  // MARK: Changes

  /// Puts a block behind the tip, or aside if it does not follow it.
  mutating func append(_ block: LoggedBlock) {
    guard block.header.parent == tipDigest, block.header.canFollow(tip) else {
      return keep(block)
    }
    orphans.removeAll { $0.digest == block.digest }
    blocks.append(block)
  }

  /// Puts a block aside.
  mutating func keep(_ block: LoggedBlock) {
    guard find(block.digest) == nil else { return }
    orphans.append(block)
  }

  /// Goes on from a block whose state is had from others; what the log holds behind it stays.
  mutating func restart(behind header: BlockHeader, _ digest: Digest) {
    if contains(digest, at: header.sequenceNumber) { return trim(through: header.sequenceNumber) }
    orphans += blocks
    blocks = []
    base = header
    baseDigest = digest
  }

  /// Forgets the bodies up to a block of the chain.
  mutating func trim(through place: SequenceNumber) {
    guard place > base.sequenceNumber, let last = block(at: place) else { return }
    blocks.removeFirst(Int(place.rawValue - base.sequenceNumber.rawValue))
    base = last.header
    baseDigest = last.digest
  }

  /// Lets go of orphans that no new view can choose any more: those up to a place of which 2f+1
  /// view changes always show a certificate as high, unless the own highest one covers them.
  mutating func freeOrphans(through place: BlockPlace, but covered: Digest?) {
    var kept: [Digest] = []
    for orphan in orphans where orphan.header.place > place || orphan.digest == covered {
      var ancestor: LoggedBlock? = orphan
      while let current = ancestor, !kept.contains(current.digest) {
        kept.append(current.digest)
        ancestor = orphans.first { $0.digest == current.header.parent }
      }
    }
    orphans.removeAll { !kept.contains($0.digest) }
  }
}
