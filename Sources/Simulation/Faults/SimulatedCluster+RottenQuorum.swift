import Consensus
import Raft
import Wire

// Several nodes have holes at once, in what few others have: each repairs the others (W4, W5).
extension SimulatedCluster {
  /// A bare quorum is told what is new; then all of it lose parts of that, and who was away is
  /// back.
  ///
  /// Struck at the leader, it is the second step, and at a node the third.
  func rotQuorum(_ strike: FaultStrike) {
    guard nodes.count > 2, mayRot, !isNewsRotten else { return }
    switch strikeAim {
    case .anybody: tellOnlyQuorum(strike)
    case .leader: beQuiet()
    case .node: rotHolders(strike)
    }
  }

  private func tellOnlyQuorum(_ strike: FaultStrike) {
    guard let leader else { return }
    faults.count(.rottenQuorum)
    let shift = strikeRandom.number(below: nodes.count - 1)
    let order = (0..<nodes.count - 1).map {
      (leader + 1 + (shift + $0) % (nodes.count - 1)) % nodes.count
    }
    let links = links(between: leader, and: order[(checker.quorum - 1)...])
    let delay = strikeRandom.number(in: 1_800_000..<3_000_000)
    cut(links, .partialCut, for: delay + strikeRandom.number(in: 0..<1_000_000))
    follow(strike, .flood, after: 0, .anybody)
    if strikeRandom.oneIn(2) { follow(strike, .rottenQuorum, after: 500_000, .leader) }
    follow(strike, .rottenQuorum, after: delay, .node(leader))
  }

  /// Clients ask nothing for a while: what nodes write last is then what they remember of each
  /// other, and that all entries may go from a disk without looking like an unsynced batch.
  private func beQuiet() {
    for client in clients.indices { _ = clients[client].idle(until: now + 4_000_000) }
  }

  /// All who reach furthest end at once, and find holes when they start.
  private func rotHolders(_ strike: FaultStrike) {
    let ends = nodes.indices.map { node in
      let log = checker.ledgers[node].durable.log
      return (term: log.last?.term ?? Term(0), count: log.count, node: node)
    }
    let order = ends.sorted { ($1.term, $1.count, $0.node) < ($0.term, $0.count, $1.node) }
    let holders = order.prefix(checker.quorum).map(\.node)
    for node in holders { crash(node, by: .kill, losesPower: false) }
    let known = readablePairs
    for node in holders { rotNearEnd(of: node, keeping: known) }
    disturbRepair(of: holders[strikeRandom.number(below: holders.count)], strike)
  }

  /// One of the damaged nodes is away at first, or ends again; and all may be damaged once more,
  /// when what they were told the first time is not true any more.
  private func disturbRepair(of node: Int, _ strike: FaultStrike) {
    let length = strikeRandom.number(in: 1_000_000..<4_000_000)
    switch strikeRandom.number(below: 3) {
    case 0: cut(links(around: node), .partialCut, for: length)
    case 1: follow(strike, .kill, after: length / 20, .node(node))
    default: break
    }
    guard strikeRandom.oneIn(2) else { return }
    let again = strikeRandom.number(in: 4_000_000..<8_000_000)
    if strikeRandom.oneIn(2) { follow(strike, .rottenQuorum, after: again - 2_000_000, .leader) }
    follow(strike, .rottenQuorum, after: again, .node(node))
  }

  /// Some runs of blocks rot; what others have lost already is spared, so that not every attempt
  /// comes to anything.
  private func rotNearEnd(of node: Int, keeping known: Set<LogMark>) {
    var runsLeft = 1 + strikeRandom.number(below: 3)
    var attemptsLeft = 8
    while runsLeft > 0, attemptsLeft > 0 {
      attemptsLeft -= 1
      if rotRun(on: node, keeping: known) { runsLeft -= 1 }
    }
  }

  /// Blocks in a row rot, near the end of a node's journal, unless that takes two entries that
  /// follow one another from all disks: then nobody could tell any more that they do.
  ///
  /// - Returns: Whether anything has rotted.
  private func rotRun(on node: Int, keeping known: Set<LogMark>) -> Bool {
    let disk = nodes[node].disk
    let segments = disk.journalSegments
    guard let newest = segments.last, let end = newest.bytes.lastIndex(where: { $0 != 0 })
    else { return false }
    let (file, blocks) =
      (strikeRandom.oneIn(3) ? truncation(on: node, in: segments) : nil)
      ?? (newest.name, drawRun(endingBy: end / SimulatedFile.sectorSize))
    let kinds: [DiskDamage] = [.flip, .zero, .garbage, .unreadable]
    let kind = kinds[strikeRandom.number(below: kinds.count)]
    let undos = blocks.compactMap { disk.damage($0, of: file, kind, sparingRecent: true) }
    guard !undos.isEmpty else { return false }
    guard known.isSubset(of: readablePairs) else {
      for undo in undos.reversed() { undo() }
      return false
    }
    nodes[node].isRotten = true
    nodes[node].mayHaveHoles = true
    faults.count(.rot)
    return true
  }

  /// Few blocks or many, and as often as not all up to the end.
  private func drawRun(endingBy last: Int) -> Range<Int> {
    let first = max(0, last - strikeRandom.number(below: 40))
    guard strikeRandom.oneIn(2) else { return first..<last + 1 }
    return first..<first + 1 + strikeRandom.number(below: strikeRandom.oneIn(3) ? 20 : 3)
  }

  /// Where a node's newest truncation stands: without it, what was replaced seems to go on in what
  /// has replaced it.
  private func truncation(
    on node: Int,
    in segments: [(name: String, bytes: [UInt8])]
  ) -> (String, Range<Int>)? {
    let truncation = remains(of: node).records.last { found in
      if case .truncate = found.record { true } else { false }
    }
    guard let payload = truncation?.record.encoded() else { return nil }
    for (name, bytes) in segments.reversed() {
      let places = bytes.indices.dropLast(payload.count - 1).reversed()
      guard let place = places.first(where: { bytes[$0...].starts(with: payload) })
      else { continue }
      let block = place / SimulatedFile.sectorSize
      return (name, block..<block + 1 + strikeRandom.number(below: 3))
    }
    return nil
  }

  // MARK: What is left

  /// The entries that some disk holds behind the one that belongs before them.
  var readablePairs: Set<LogMark> {
    var pairs: Set<LogMark> = []
    for node in nodes.indices where !nodes[node].isOut {
      guard checker.configuration.seat(of: nodes[node].member) != nil else { continue }
      pairs.formUnion(readablePairs(of: remains(of: node)))
    }
    return pairs
  }

  /// The entries that are left on members' disks, of which some may have been replaced since.
  var readableMarks: Set<LogMark> {
    var marks: Set<LogMark> = []
    for node in nodes.indices where !nodes[node].isOut {
      guard checker.configuration.seat(of: nodes[node].member) != nil else { continue }
      for found in remains(of: node).records {
        guard case .entry(let index, let entry) = found.record else { continue }
        marks.insert(LogMark(index: index, term: entry.term))
      }
    }
    return marks
  }

  private func readablePairs(of remains: DiskRemains) -> Set<LogMark> {
    let snapshotMarks = checker.committedMarks.prefix(remains.snapshotIndex).enumerated().map {
      LogMark(index: LogIndex(UInt64($0.offset + 1)), term: $0.element.term)
    }
    var pairs = Set(snapshotMarks)
    // The highest place that an entry may have without one before it: behind a hole nothing shows
    // that it follows the snapshot.
    var highest = LogIndex(UInt64(remains.snapshotIndex + 1))
    var run: [LogMark] = []
    var lastPosition: UInt64 = 0
    for found in remains.records {
      if remains.hasHole(between: lastPosition, and: found.position) {
        run = []
        highest = LogIndex(UInt64(remains.snapshotIndex))
      }
      lastPosition = found.position
      switch found.record {
      case .entry(let index, let entry):
        let mark = LogMark(index: index, term: entry.term)
        let isNext = run.last?.index.next == index || index <= highest
        if isNext { pairs.insert(mark) } else { run = [] }
        run.append(mark)
      case .truncate(let index):
        pairs.subtract(run.filter { $0.index >= index })
        run.removeAll { $0.index >= index }
      case .restart(let mark), .repair(let mark): run = [mark]
      case .hardState, .admission, .repaired: break
      }
    }
    return pairs
  }
}
