import Consensus

@testable import Raft

// Records that cannot be read any more.
extension TestCluster {
  /// The node's process ends, and its disk loses these records; positions count from 1.
  func damage(_ number: Int, positions: ClosedRange<UInt64>, isVoteCopied: Bool = true) {
    if core(number) != nil { crash(number) }
    var holes = nodes[number - 1].holes + [positions]
    holes.sort { $0.lowerBound < $1.lowerBound }
    nodes[number - 1].holes = holes.reduce(into: []) { merged, hole in
      guard let last = merged.last, hole.lowerBound <= last.upperBound + 1 else {
        merged.append(hole)
        return
      }
      let end = max(last.upperBound, hole.upperBound)
      merged[merged.count - 1] = last.lowerBound...end
    }
    nodes[number - 1].isVoteCopied = isVoteCopied
  }

  /// The same for the newest records of these entries, and whatever stands between them.
  func damage(_ number: Int, entries: ClosedRange<Int>, isVoteCopied: Bool = true) {
    func position(_ index: Int) -> UInt64? {
      nodes[number - 1].durable.lastIndex { record in
        if case .entry(LogIndex(UInt64(index)), _) = record { true } else { false }
      }.map { UInt64($0 + 1) }
    }
    guard let first = position(entries.lowerBound), let last = position(entries.upperBound) else {
      return
    }
    damage(number, positions: min(first, last)...max(first, last), isVoteCopied: isVoteCopied)
  }

  /// Whether every entry that a quorum ever held, and that could be read before together with the
  /// one before it, can still be read so, on some disk.
  func keepsAll(afterDamaging number: Int, _ positions: ClosedRange<UInt64>) -> Bool {
    let before = readablePairs
    let kept = nodes[number - 1]
    nodes[number - 1].holes = [positions] + kept.holes
    nodes[number - 1].holes.sort { $0.lowerBound < $1.lowerBound }
    let after = readablePairs
    let canStart = RaftCore.canRecover(nodes[number - 1].past(), as: .node(number))
    nodes[number - 1] = kept
    let needed = holders.filter { $0.value.count > count / 2 }.keys
    return canStart && needed.allSatisfy { !before.contains($0) || after.contains($0) }
  }

  /// The entries that some disk holds right behind the one that belongs there.
  private var readablePairs: Set<LogMark> {
    var pairs: Set<LogMark> = []
    for node in nodes {
      for run in node.readableRuns where !run.isEmpty {
        // The first of a run counts only at the log's very beginning.
        pairs.formUnion(run[0].index == LogIndex(1) ? run[...] : run.dropFirst())
      }
    }
    return pairs
  }
}

extension TestCluster.Node {
  /// What a start finds.
  func past(after snapshot: SnapshotMark? = nil) -> Past<RaftRecord> {
    let all = RaftCore.numbered(durable)
    let vital = isVoteCopied ? all.last { $0.record.isVital }?.position : nil
    let records = all.filter { found in
      found.position == vital || !holes.contains { $0.contains(found.position) }
    }
    let newest = records.last { $0.record.isVital }?.position ?? 0
    let isVoteCertain = isVoteCopied || holes.allSatisfy { $0.upperBound < newest }
    return Past(records, after: snapshot, without: holes, isVoteCertain: isVoteCertain)
  }

  /// Whether the disk knows no more than that there was a later term, maybe.
  var isVoteLost: Bool { !past().isVoteCertain }

  fileprivate var readableRuns: [[LogMark]] {
    let journal = RecoveredState(folding: past())
    let (log, islands) =
      journal.isDamaged(after: nil)
      ? journal.remains(after: nil) : (journal.log(after: nil).0, [])
    var marks: [LogMark] = []
    var index = LogIndex(1)
    while let term = log.term(at: index) {
      marks.append(LogMark(index: index, term: term))
      index = index.next
    }
    return [marks] + islands.map { $0.entries.map(\.mark) }
  }
}
