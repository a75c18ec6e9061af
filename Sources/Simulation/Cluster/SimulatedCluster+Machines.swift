import Consensus
import Raft
import Storage

// What goes wrong with a machine: its disk has troubles, its processor is somebody else's.
extension SimulatedCluster {
  /// One node's disk is full for a while, or several are.
  func fillDisks() {
    var full = [victim()]
    if strikeRandom.oneIn(2) { full += nodes.indices.filter { _ in strikeRandom.oneIn(2) } }
    for node in Set(full).sorted() {
      let length = strikeRandom.number(in: 500_000..<8_000_000)
      let id = begin(.fullDisk, .fullDisk(node: node), nodes: [node], for: length)
      nodes[node].fullBy = id
      let segment = setup.journal.segmentSizeBytes
      let free = [0, strikeRandom.number(below: segment), strikeRandom.number(below: 3 * segment)]
      nodes[node].disk.setFreeBytes(free[strikeRandom.number(below: 3)])
      // Also while it recovers.
      if strikeRandom.oneIn(3) { crash(node, by: .kill, losesPower: false) }
    }
  }

  /// A bit of a snapshot flips: while its node is down, or while it runs, so that a leader may read
  /// it for another node.
  func rotSnapshot(of node: Int) {
    // With both snapshots the journal's beginning may be lost: others must be a quorum without it.
    guard nodes[node].isRotten ? votersMin > 2 : mayLoseAnother, !nodes[node].isOut,
      nodes[node].loss == nil, isMember(nodes[node]), everybodyAnswers
    else { return }
    if strikeRandom.oneIn(2) { crash(node, by: .kill, losesPower: false) }
    let files = nodes[node].disk.platter.filter {
      $0.size > 0 && $0.name.hasPrefix("snapshot-") && $0.name.hasSuffix(".snap")
    }
    // Where a full disk has left one, it is the only copy of what it replaced: others are whole.
    let isOnlyCopy = files.count == 1 && remains(of: node).records.first?.position != 1
    let others = nodes.indices.filter { $0 != node }
    guard !files.isEmpty, !isOnlyCopy || others.allSatisfy({ !nodes[$0].isRotten }) else { return }
    let file = files[strikeRandom.number(below: files.count)]
    let block = strikeRandom.number(below: (file.size - 1) / SimulatedFile.sectorSize + 1)
    let place = DamagePlace(file: file.name, block: block, damage: .flip)
    damage(node, place, sparingRecent: false, as: .rottenSnapshot)
  }

  /// A node's next process comes to wrong results from some entry on; on no more than a minority,
  /// so that those who are right are the majority.
  func lie(on node: Int) {
    guard !nodes[node].isRotten, mayLoseAnother, !nodes[node].isOut, nodes[node].loss == nil
    else { return }
    crash(node, by: .kill, losesPower: false)
    let delay = strikeRandom.number(below: 100)
    nodes[node].lie = PlantedLie(
      from: LogIndex(UInt64(checker.committed.count + delay)),
      error: strikeRandom.next()
    )
    nodes[node].freezesLie = strikeRandom.oneIn(2)
  }

  /// Whether a journal may be damaged: everybody is there, also whoever was ever remembered, since
  /// a node that lost its term waits for the word of them all; and nobody decides alone, since what
  /// it has lost no other can tell.
  ///
  /// Nor can one of an earlier build, which is not upgraded any more once it was removed.
  var mayRot: Bool {
    !(hasJoiners && plan.mixesBuilds) && votersMin > 1 && isManned && checker.former.isEmpty
      && everybodyAnswers && nodes.allSatisfy { !$0.isOut && $0.loss == nil }
  }

  /// Whether everybody was let in for whose word a damaged node would wait: of all others it never
  /// comes.
  private var everybodyAnswers: Bool {
    nodes.allSatisfy { $0.wasAdmitted || !isMember($0) && !isRemembered($0.member) }
  }

  private func isRemembered(_ member: Member) -> Bool {
    checker.ledgers.contains { ledger in
      ledger.written.memory.contains { $0.member == member }
    }
  }

  /// Whether a node is a member of the newest configuration, or may be of one behind it.
  func isMember(_ node: SimulatedNode) -> Bool {
    checker.newestConfigurations.contains { $0.seat(of: node.member) != nil }
  }

  /// Whether nobody's place is still to be taken by the member that it comes back as.
  private var isManned: Bool {
    let voters = checker.configuration.seats + checker.configuration.outgoing
    return voters.allSatisfy { seat in nodes.contains { $0.member == seat.member } }
  }

  /// Whether those whose disks and memories are in order will still be a majority with one less.
  var mayLoseAnother: Bool {
    isManned && nodes.allSatisfy { $0.wasAdmitted || !isMember($0) }
      && nodes.count { $0.isRotten || $0.lie != nil || $0.loss != nil } < (votersMin - 1) / 2
  }

  /// How many voters the smallest configuration has that may be in use.
  private var votersMin: Int {
    guard hasJoiners else { return nodes.count }
    return checker.newestConfigurations.map(\.seats.count).min() ?? 0
  }

  /// A process is killed soon after each of its starts for some seconds (P3).
  func startStorm(on node: Int) {
    nodes[node].stormsUntil = now + strikeRandom.number(in: 1_000_000..<8_000_000)
    crash(node, by: .restartStorm, losesPower: false)
  }

  /// Turns take long, or the timer fires late (P5, T3).
  func slowDownTurns(of node: Int, _ kind: FaultKind) {
    let length = strikeRandom.number(in: 500_000..<6_000_000)
    if kind == .slowNode {
      let id = begin(kind, .slowNode(node: node), nodes: [node], for: length)
      nodes[node].sluggishness = ([10, 100, 1_000][strikeRandom.number(below: 3)], id)
    } else {
      let id = begin(kind, .lateTimers(node: node), nodes: [node], for: length)
      let latest: [UInt64] = [20_000, 100_000, 400_000]
      nodes[node].timerLateness = (latest[strikeRandom.number(below: 3)], id)
    }
  }
}
