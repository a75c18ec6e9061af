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
    if recent.count == Self.recentMax { recent.removeFirst() }
    recent.append(write.range)
  }

  func sync() {
    for write in pending { Self.put(write.bytes[...], into: &durable, at: write.offset) }
    pending.removeAll()
  }

  /// A sync fails: some of what it was to write is on the platter, the rest counts as clean, and
  /// only the cache may still have it (D4).
  func failSync(_ random: inout RandomSource) {
    if random.oneIn(2) { keepSome(&random) } else { pending.removeAll() }
    if random.oneIn(2) { bytes = durable }
    isStale = bytes != durable
  }

  /// A sector changes on the platter (D9).
  ///
  /// - Returns: Whether it is another one now.
  func rot(_ random: inout RandomSource) -> Bool {
    guard !durable.isEmpty else { return false }
    let start = random.number(below: (durable.count - 1) / Self.sectorSize + 1) * Self.sectorSize
    let range = start..<min(start + Self.sectorSize, durable.count)
    guard !recent.contains(where: { $0.overlaps(range) }) else { return false }
    let before = durable
    switch random.number(below: 3) {
    case 0:
      durable[start + random.number(below: range.count)] ^= 1 << UInt8(random.number(below: 8))
    case 1: durable.replaceSubrange(range, with: repeatElement(0, count: range.count))
    default: for place in range { durable[place] = UInt8(random.number(below: 256)) }
    }
    bytes.replaceSubrange(range, with: durable[range])
    return durable != before
  }

  /// A bit changes somewhere, however new what it is in.
  ///
  /// - Returns: Whether there is one.
  func flipBit(_ random: inout RandomSource) -> Bool {
    guard !durable.isEmpty else { return false }
    let place = random.number(below: durable.count)
    durable[place] ^= 1 << UInt8(random.number(below: 8))
    bytes[place] = durable[place]
    return true
  }

  /// Some bits of one field change in the head of a journal record (docs/formats/journal.md §5).
  ///
  /// - Returns: Whether there is such a record, older than the newest writes.
  func rotInHead(_ random: inout RandomSource) -> Bool {
    let heads = stride(from: 0, to: max(0, durable.count - Self.headSize), by: 8)
      .filter { looksLikeHead(at: $0) }
    guard !heads.isEmpty else { return false }
    let field = Self.headFields[random.number(below: Self.headFields.count)]
    let place = heads[random.number(below: heads.count)] + field
    durable[place] ^= UInt8(1 + random.number(below: 15))
    bytes[place] = durable[place]
    return true
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
