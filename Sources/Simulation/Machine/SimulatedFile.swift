import Consensus

/// How much of what was not synced a power cut spares.
enum PowerCutMercy: CaseIterable {
  /// Nothing.
  case none
  /// Everything.
  case all
  /// Each sector by itself, in any of the versions it had since the last sync.
  case some
}

/// A file's content, as it is read now and as it is on the platter.
final class SimulatedFile {
  /// What a disk writes as a whole.
  static let sectorSize = 512
  /// Rot in the newest batches cannot be told from a power cut during their sync.
  private static let recentMax = 8

  private struct PendingWrite {
    let offset: Int
    let bytes: [UInt8]

    var range: Range<Int> { offset..<offset + bytes.count }
  }

  /// What a read sees.
  private(set) var bytes: [UInt8] = []
  /// What is left when the power fails.
  private(set) var durable: [UInt8] = []
  private var pending: [PendingWrite] = []
  /// Whether a failed sync has left bytes in the cache that no later sync will write.
  private var isStale = false
  /// Where was written last, newest last.
  private var recent: [Range<Int>] = []
  /// What the last synced writes have replaced, newest last.
  private var former: [PendingWrite] = []
  /// Sectors that cannot be read until they are written again (D8).
  private var unreadable: [Int] = []

  init() {}

  /// A file like another one, as it is on the platter.
  init(onPlatterLike other: SimulatedFile) {
    durable = other.durable
    bytes = durable
    unreadable = other.unreadable
  }

  /// How large it is on the platter.
  var durableSize: Int { durable.count }

  /// Whether a read of this range succeeds.
  func isReadable(_ range: Range<Int>) -> Bool {
    !unreadable.contains { Self.sector($0).overlaps(range) }
  }

  /// Whether a read of all of it succeeds.
  var isReadable: Bool { unreadable.isEmpty }

  /// Whether a power cut can take something away.
  var isDirty: Bool { !pending.isEmpty || isStale }

  /// How many writes no sync has covered.
  var pendingCount: Int { pending.count }

  init(durable: [UInt8] = []) {
    bytes = durable
    self.durable = durable
  }

  func write(_ new: [UInt8], at offset: Int) {
    Self.put(new[...], into: &bytes, at: offset)
    let write = PendingWrite(offset: offset, bytes: new)
    pending.append(write)
    unreadable.removeAll { Self.sector($0).clamped(to: write.range) == Self.sector($0) }
    if recent.count == Self.recentMax { recent.removeFirst() }
    recent.append(write.range)
  }

  func sync() {
    for write in pending {
      let replaced = write.range.clamped(to: 0..<durable.count)
      let old = Array(durable[replaced])
      former.append(PendingWrite(offset: replaced.lowerBound, bytes: old))
      Self.put(write.bytes[...], into: &durable, at: write.offset)
    }
    former.removeFirst(max(0, former.count - 2 * Self.recentMax))
    pending.removeAll()
  }

  /// Something becomes of a block on the platter.
  ///
  /// - Returns: What puts it back; nil if nothing has changed.
  func damage(
    _ block: Int,
    _ damage: DiskDamage,
    sparingRecent: Bool,
    _ random: inout RandomSource
  ) -> (() -> Void)? {
    guard let (range, new) = damaged(block, damage, &random) else { return nil }
    let isRecent = recent.contains { $0.overlaps(range) }
    guard !(sparingRecent && isRecent), !pending.contains(where: { $0.range.overlaps(range) })
    else { return nil }
    let (before, couldNotRead) = (Array(durable[range]), unreadable)
    if damage == .unreadable {
      guard !unreadable.contains(block) else { return nil }
      unreadable.append(block)
    } else {
      guard new != before else { return nil }
      replace(range, with: new)
    }
    return { [self] in
      replace(range, with: before)
      unreadable = couldNotRead
    }
  }

  /// What a range of the platter holds after some damage to a block.
  private func damaged(
    _ block: Int,
    _ damage: DiskDamage,
    _ random: inout RandomSource
  ) -> (range: Range<Int>, bytes: [UInt8])? {
    let range = Self.sector(block).clamped(to: 0..<durable.count)
    guard !range.isEmpty else { return nil }
    var bytes = Array(durable[range])
    switch damage {
    case .unreadable: break
    case .flip: bytes[random.number(below: bytes.count)] ^= 1 << UInt8(random.number(below: 8))
    case .zero: bytes = bytes.map { _ in 0 }
    case .garbage: bytes = bytes.map { _ in UInt8(random.number(below: 256)) }
    case .swapped:
      let other = Self.sector(random.number(below: (durable.count - 1) / Self.sectorSize + 1))
        .clamped(to: 0..<durable.count)
      bytes.replaceSubrange(
        0..<min(bytes.count, other.count),
        with: durable[other].prefix(bytes.count)
      )
    case .stale:
      guard let old = former.last(where: { $0.range.overlaps(range) }) else { return nil }
      return (old.range, old.bytes)
    case .head:
      guard let place = drawHeadField(&random) else { return nil }
      return (place..<place + 1, [durable[place] ^ UInt8(1 + random.number(below: 15))])
    case .missing: return nil
    }
    return (range, bytes)
  }

  private func replace(_ range: Range<Int>, with new: [UInt8]) {
    durable.replaceSubrange(range, with: new)
    if range.upperBound <= bytes.count { bytes.replaceSubrange(range, with: new) }
  }

  private static func sector(_ number: Int) -> Range<Int> {
    number * sectorSize..<(number + 1) * sectorSize
  }

  /// A sync fails: some of what it was to write is on the platter, the rest counts as clean, and
  /// only the cache may still have it (D4).
  func failSync(_ random: inout RandomSource) {
    if random.oneIn(2) { keepSome(&random) } else { pending.removeAll() }
    if random.oneIn(2) { bytes = durable }
    isStale = bytes != durable
  }

  /// A field in the head of a journal record, if there is one older than the newest writes
  /// (docs/formats/journal.md §5).
  private func drawHeadField(_ random: inout RandomSource) -> Int? {
    let heads = stride(from: 0, to: max(0, durable.count - Self.headSize), by: 8)
      .filter { looksLikeHead(at: $0) }
    guard !heads.isEmpty else { return nil }
    let field = Self.headFields[random.number(below: Self.headFields.count)]
    return heads[random.number(below: heads.count)] + field
  }

  private static let headSize = 40
  /// Previous checksum, length, kind, position, segment and `durableThrough`; what delimits and
  /// names a record twice as often.
  private static let headFields = [4, 8, 8, 12, 12, 16, 24, 32]

  /// A known kind, and zeros behind it; some payloads look like that, too.
  private func looksLikeHead(at offset: Int) -> Bool {
    let range = offset..<offset + Self.headSize
    return (1...5).contains(durable[offset + 12])
      && durable[offset + 13..<offset + 16] == [0, 0, 0]
      && durable[offset..<offset + 4] != [0, 0, 0, 0]
      && !recent.contains { $0.overlaps(range) }
  }

  /// The power is gone: of each sector some version since the last sync is left.
  ///
  /// - Returns: Whether anything was lost.
  func cutPower(_ mercy: PowerCutMercy, _ random: inout RandomSource) -> Bool {
    let before = bytes
    switch mercy {
    case .none: pending.removeAll()
    case .all: sync()
    case .some: keepSome(&random)
    }
    bytes = durable
    isStale = false
    return bytes != before
  }

  /// The power is gone: of the writes since the last sync these are left.
  func cutPower(keeping kept: ArraySlice<Bool>) {
    for (write, isKept) in zip(pending, kept) where isKept {
      Self.put(write.bytes[...], into: &durable, at: write.offset)
    }
    pending.removeAll()
    bytes = durable
    isStale = false
  }

  /// The power fails in the middle of the last write.
  func tearLastWrite(after count: Int) {
    guard let last = pending.popLast() else { return }
    pending.append(PendingWrite(offset: last.offset, bytes: Array(last.bytes.prefix(count))))
  }

  private func keepSome(_ random: inout RandomSource) {
    let syncedCount = durable.count
    let size = sizeLeft(&random)
    Self.put([][...], into: &durable, at: size)
    for sector in dirtySectors() {
      let start = sector * Self.sectorSize
      guard start < size else { continue }
      let range = start..<min(start + Self.sectorSize, size)
      let touching = pending.filter { $0.range.overlaps(range) }
      for write in touching.prefix(random.number(below: touching.count + 1)) {
        let part = write.range.clamped(to: range)
        let first = part.lowerBound - write.offset
        Self.put(write.bytes[first..<first + part.count], into: &durable, at: part.lowerBound)
      }
    }
    invariant(durable.count >= syncedCount, "a power cut never shortens what was synced")
    pending.removeAll()
  }

  /// A file that grew may keep its old size, its new one, or something between.
  private func sizeLeft(_ random: inout RandomSource) -> Int {
    guard bytes.count > durable.count else { return durable.count }
    switch random.number(below: 3) {
    case 0: return durable.count
    case 1: return bytes.count
    default: return durable.count + random.number(below: bytes.count - durable.count)
    }
  }

  private func dirtySectors() -> [Int] {
    var sectors: [Int] = []
    for write in pending where !write.bytes.isEmpty {
      let first = write.range.lowerBound / Self.sectorSize
      let last = (write.range.upperBound - 1) / Self.sectorSize
      sectors.append(contentsOf: first...last)
    }
    sectors.sort()
    return sectors.enumerated().filter { $0.offset == 0 || sectors[$0.offset - 1] != $0.element }
      .map(\.element)
  }

  /// Puts bytes over others; what is too short grows by zeros.
  private static func put(_ new: ArraySlice<UInt8>, into content: inout [UInt8], at offset: Int) {
    let end = offset + new.count
    if end > content.count {
      content.append(contentsOf: repeatElement(0, count: end - content.count))
    }
    content.replaceSubrange(offset..<end, with: new)
  }
}
