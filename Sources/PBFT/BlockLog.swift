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
  private var chain = BlockRow()
  private var aside = BlockRow()
  /// Rises whenever blocks change sides or are let go of: what somebody remembers of a path over
  /// orphans may be untrue from then on.
  private(set) var changesCount: UInt64 = 0

  init(genesis: Digest) {
    baseDigest = genesis
  }

  /// The chain behind the base, without gaps.
  var blocks: [LoggedBlock] { chain.blocks }
  var orphans: [LoggedBlock] { aside.blocks }

  var tip: BlockHeader { blocks.last?.header ?? base }
  var tipDigest: Digest { blocks.last?.digest ?? baseDigest }

  func block(at place: SequenceNumber) -> LoggedBlock? {
    guard place > base.sequenceNumber, place <= tip.sequenceNumber else { return nil }
    return blocks[count(through: place) - 1]
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
    return blocks.dropFirst(count(through: place))
  }

  /// How many blocks the chain has, or would have, up to a place that is not below its base.
  private func count(through place: SequenceNumber) -> Int {
    Int(place.rawValue - base.sequenceNumber.rawValue)
  }

  func find(_ digest: Digest) -> LoggedBlock? {
    chain[digest] ?? aside[digest]
  }

  // MARK: Paths

  /// How a block is reached from the chain.
  enum Path {
    /// Over orphans alone, from behind the place where they leave the chain.
    case known(from: SequenceNumber)
    /// This block is missing.
    case missing(Digest, SequenceNumber)
    /// Not at all: it leaves the chain before the base.
    case foreign
  }

  /// Goes back from a block over its ancestors until the chain is met.
  func path(to digest: Digest, at place: SequenceNumber) -> Path {
    var wanted = digest
    var place = place
    while !contains(wanted, at: place) {
      guard place > base.sequenceNumber else { return .foreign }
      guard let orphan = aside[wanted] else { return .missing(wanted, place) }
      guard orphan.sequenceNumber == place else { return .foreign }
      wanted = orphan.header.parent
      place = SequenceNumber(place.rawValue - 1)
    }
    return .known(from: place)
  }

  /// Makes a block the tip, if it is reached from the chain; what leaves the chain is an orphan.
  mutating func moveTip(to digest: Digest, at place: SequenceNumber) -> Bool {
    guard case .known(let junction) = path(to: digest, at: place) else { return false }
    var path: [LoggedBlock] = []
    var wanted = digest
    while path.count < Int(place.rawValue - junction.rawValue),
      let orphan = aside.remove(wanted)
    {
      path.append(orphan)
      wanted = orphan.header.parent
    }
    let abandoned = chain.removeAll(behind: count(through: junction))
    aside.append(contentsOf: abandoned)
    chain.append(contentsOf: path.reversed())
    changesCount += 1
    return true
  }

  // MARK: Changes

  /// Puts a block behind the tip, or aside if it does not follow it.
  mutating func append(_ block: LoggedBlock) {
    guard block.header.parent == tipDigest, block.header.canFollow(tip) else {
      return keep(block)
    }
    if aside.remove(block.digest) != nil { changesCount += 1 }
    chain.append(block)
  }

  /// Puts a block aside.
  mutating func keep(_ block: LoggedBlock) {
    guard !chain.contains(block.digest), !aside.contains(block.digest) else { return }
    aside.append(block)
  }

  /// Goes on from a stable block whose state is had from others; what the log holds above it stays.
  mutating func restart(behind header: BlockHeader, _ digest: Digest) {
    if contains(digest, at: header.sequenceNumber) { return trim(through: header.sequenceNumber) }
    aside.append(contentsOf: blocks(above: header.sequenceNumber))
    chain = BlockRow()
    base = header
    baseDigest = digest
    changesCount += 1
  }

  /// Forgets the bodies up to a block of the chain.
  mutating func trim(through place: SequenceNumber) {
    guard place > base.sequenceNumber, let last = block(at: place) else { return }
    chain.removeFirst(count(through: place))
    base = last.header
    baseDigest = last.digest
    changesCount += 1
  }

  /// Lets go of orphans that no new view can choose any more: those up to a place of which 2f+1
  /// view changes always show a certificate as high, unless the own highest one covers them.
  ///
  /// At or below what is stable nothing is chosen in any case, whoever has locked it.
  mutating func freeOrphans(
    through place: BlockPlace,
    but covered: Digest?,
    above stable: SequenceNumber
  ) {
    var kept: Set<Digest> = []
    for orphan in orphans where orphan.header.place > place || orphan.digest == covered {
      var ancestor: LoggedBlock? = orphan
      while let current = ancestor, current.sequenceNumber > stable,
        kept.insert(current.digest).inserted
      {
        ancestor = aside[current.header.parent]
      }
    }
    guard kept.count < orphans.count else { return }
    aside.removeAll { !kept.contains($0.digest) }
    changesCount += 1
  }
}
