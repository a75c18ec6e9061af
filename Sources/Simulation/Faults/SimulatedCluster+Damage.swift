import Consensus
import Raft
import Replication
import Storage
import Wire

// What was synced is damaged, on any disk, as long as each committed entry is whole on some disk
// (W3, W4): the nodes have to make each other good.
extension SimulatedCluster {
  /// Some blocks of a node's files rot, while it is down or runs; or a field in the head of a
  /// journal record.
  ///
  /// What is newest is spared: its loss cannot be told from that of an unsynced batch
  /// (docs/formats/journal.md §6).
  ///
  /// - Returns: Whether anything is damaged now.
  @discardableResult
  func rot(_ node: Int) -> Bool {
    guard mayRot, !isNewsRotten, isMember(nodes[node]) else { return false }
    if case .node = strikeAim { return rotNews(on: node) }
    var isDamaged = false
    if strikeRandom.oneIn(2) { crash(node, by: .kill, losesPower: false) }
    if strikeRandom.oneIn(6), setup.hasOthers, mayLoseBoot(node), nodes[node].loseBoot() {
      faults.count(.rot)
      isDamaged = true
    }
    for _ in 0..<1 + strikeRandom.number(below: 3) {
      guard let place = drawDamage(on: node) else { continue }
      guard damage(node, place, sparingRecent: true) else { continue }
      isDamaged = true
      scheduleScrub(of: place.file, on: node)
    }
    return isDamaged
  }

  /// Who is refused for it comes back as another member, and others with holes may wait for the
  /// word of the one that it was: that is two disks lost at once.
  private func mayLoseBoot(_ node: Int) -> Bool {
    nodes[node].wasLifeAdmitted || nodes.allSatisfy { !$0.mayHaveHoles }
  }

  /// The newest part of a node's journal rots that can be told from an unsynced batch: what few
  /// others have, and whoever is elected without them must have.
  ///
  /// Nothing else rots besides: of two that are damaged, one where nobody else has anything of its
  /// term, nobody can tell whether that was ever replaced, and all wait (docs/decisions/0030).
  private func rotNews(on node: Int) -> Bool {
    guard nodes.allSatisfy({ !$0.mayHaveHoles }) else { return false }
    crash(node, by: .kill, losesPower: false)
    let segments = nodes[node].disk.journalSegments
    guard let newest = segments.last, let end = newest.bytes.lastIndex(where: { $0 != 0 })
    else { return false }
    let last = end / SimulatedFile.sectorSize
    for block in (0...last).reversed().prefix(16) {
      let place = DamagePlace(file: newest.name, block: block, damage: .flip)
      guard strikeRandom.oneIn(2), damage(node, place, sparingRecent: true) else { continue }
      isNewsRotten = true
      return true
    }
    return false
  }

  /// Damages a block, unless something committed would be lost everywhere.
  ///
  /// - Returns: Whether anything is damaged now.
  @discardableResult
  func damage(
    _ node: Int,
    _ place: DamagePlace,
    sparingRecent: Bool,
    as fault: FaultKind = .rot
  ) -> Bool {
    let disk = nodes[node].disk
    let pairs = readablePairs
    let known = pairsToKeep(of: pairs)
    let undo = disk.damage(
      place.block,
      of: place.file,
      place.damage,
      sparingRecent: sparingRecent
    )
    guard let undo else { return false }
    // One whose snapshot is of the time when it was alone, and whose journal is gone, refuses to
    // start: it cannot know that there are others now (docs/decisions/0030).
    guard isEverythingSomewhere, !remains(of: node).knowsNobody,
      known.isEmpty || known.isSubset(of: readablePairs), isNothingCutOff(pairs)
    else {
      undo()
      return false
    }
    nodes[node].isRotten = true
    if fault == .rot { nodes[node].mayHaveHoles = true }
    if fault == .rottenSnapshot { nodes[node].mayLackSnapshot = true }
    // A snapshot says nothing of where the journal ends.
    if !sparingRecent, fault == .rot { nodes[node].mayLackEnd = true }
    if DamagePlace.identifying.contains(place.file) { nodes[node].mayRefuse = true }
    faults.count(fault)
    coverage.reach(.rotAmongChanges, if: hasJoiners && fault == .rot)
    return true
  }

  /// A node starts with a part of its journal lost: from now on it has what is left.
  func goByWhatIsLeft(_ start: SimulatedNode.Start, on node: Int) throws(Violation) {
    coverage.reach(.recoveryOfHoles)
    coverage.reach(.recoveryOfLostTerm, if: start.isTermLost)
    let core = start.process.replica.core.core
    let base = checker.committedMarks.prefix(Int(core.logBase.index.rawValue))
    var log = Array(base)
    while let entry = core.entry(at: LogIndex(UInt64(log.count + 1))) {
      log.append(EntryMark(entry))
    }
    let isWhole = core.status.repair == nil
    try checker.goesBy(log, behind: base.count, isWhole: isWhole, node)
  }

  /// What must stay readable.
  ///
  /// Where several are damaged, that one committed entry follows another may stand in a single
  /// snapshot, and nobody could tell any more. The same goes for what stands
  /// before the first entry of a term that one member alone has (docs/decisions/0030).
  private func pairsToKeep(of pairs: Set<LogMark>) -> Set<LogMark> {
    guard nodes.contains(where: \.mayHaveHoles) else { return [] }
    let committed = LogIndex(UInt64(checker.committed.count))
    return pairs.filter { mark in
      let before = LogMark(index: mark.index.previous, term: mark.term)
      return mark.index <= committed || !pairs.contains(before)
    }
  }

  /// Whether it can still be told of each entry that is left what stands before it, where it could
  /// so far: an entry of the same term at the place before is what a leader put it behind.
  ///
  /// Where one was lost everywhere that was never committed, nobody could tell that it was not,
  /// and all would wait for it (docs/decisions/0030).
  private func isNothingCutOff(_ pairsBefore: Set<LogMark>) -> Bool {
    let (pairs, marks) = (readablePairs, readableMarks)
    return marks.allSatisfy { mark in
      let before = LogMark(index: mark.index.previous, term: mark.term)
      return !pairsBefore.contains(mark) || pairs.contains(mark) || marks.contains(before)
    }
  }

  /// Whether each committed entry is whole on the disk of some member.
  private var isEverythingSomewhere: Bool {
    var isHeld = [Bool](repeating: false, count: checker.committed.count)
    for node in nodes.indices where !nodes[node].isOut {
      // Only voters are asked for what is lost, those of all configurations that may be in use.
      let isVoter = checker.newestConfigurations.allSatisfy { configuration in
        configuration.seats.contains { $0.member == nodes[node].member }
      }
      guard isVoter else { continue }
      holdings(of: node, &isHeld)
      if !isHeld.contains(false) { return true }
    }
    return !isHeld.contains(false)
  }

  /// Notes which committed entries a node would find if it started now.
  private func holdings(of node: Int, _ isHeld: inout [Bool]) {
    let remains = remains(of: node)
    for place in isHeld.indices.prefix(remains.snapshotIndex) { isHeld[place] = true }
    for found in remains.records {
      guard case .entry(let index, let entry) = found.record, index.rawValue <= isHeld.count
      else { continue }
      let place = Int(index.rawValue) - 1
      if checker.committedMarks[place] == EntryMark(entry) { isHeld[place] = true }
    }
  }

  /// Any block of any file but those without which a node does not start.
  func draw(on node: Int, _ random: inout RandomSource) -> DamagePlace {
    let files = nodes[node].disk.platter.filter {
      $0.size > 0 && !$0.name.hasPrefix("refused-")
        && !DamagePlace.identifying.contains($0.name)
    }
    let file = files[random.number(below: files.count)]
    let kinds = DiskDamage.allCases.filter { $0 != .missing }
    return DamagePlace(
      file: file.name,
      block: random.number(below: (file.size - 1) / SimulatedFile.sectorSize + 1),
      damage: kinds[random.number(below: kinds.count)]
    )
  }

  /// As often as not a record's head, where damage is hardest to judge.
  private func drawDamage(on node: Int) -> DamagePlace? {
    let isHead = strikeRandom.oneIn(2)
    // Where both copies of these are gone, a node refuses to start, and somebody has to come.
    let all = nodes[node].disk.platter.filter {
      $0.size > 0 && !$0.name.hasPrefix("refused-")
        && !DamagePlace.identifying.contains($0.name)
    }
    let journal = all.filter { $0.name.hasSuffix(".seg") && !$0.name.contains("spare") }
    let files = isHead ? journal : all
    guard !files.isEmpty else { return nil }
    let file = files[strikeRandom.number(below: files.count)]
    let blocks = (file.size - 1) / SimulatedFile.sectorSize + 1
    var kind = DiskDamage.allCases[strikeRandom.number(below: DiskDamage.allCases.count)]
    // Of two segments lost at the end only the first is noticed, and beside a snapshot a first
    // one that is gone is taken for a forgotten one (docs/formats/journal.md §6).
    let hasSnapshot = all.contains { $0.name.hasPrefix("snapshot-") }
    let mayBeMissing =
      nodes[node].process == nil && file.name != journal.last?.name
      && !(hasSnapshot && file.name == journal.first?.name)
    if kind == .missing, !mayBeMissing { kind = .zero }
    return DamagePlace(
      file: file.name,
      block: strikeRandom.number(below: blocks),
      damage: isHead ? .head : kind
    )
  }
}

/// A block of a file, and what becomes of it.
struct DamagePlace {
  let file: String
  let block: Int
  let damage: DiskDamage

  /// Files that say whose a disk is, in two copies; where both are gone, somebody has to come.
  static let identifying = ["lock", "boot", "identity"]
}

extension DamagePlace: CustomStringConvertible {
  var description: String { "\(damage.rawValue) \(file) block \(block)" }
}
