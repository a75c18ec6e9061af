import Consensus
import Raft
import Replication

/// A time in which several nodes want to lead, and who has voted goes down and is soon back.
struct ElectionStorm {
  let until: UInt64
  let fault: Int
}

// What makes elections hard.
extension SimulatedCluster {
  /// Several candidates in one term: the leader falls silent, messages are as slow as timers
  /// differ, and a vote is the last thing that some processes do.
  func splitElection() {
    guard nodes.count > 1 else { return }
    let length = strikeRandom.number(in: 600_000..<2_000_000)
    let id = begin(.splitElection, .election, nodes: nodes.indices.map { $0 }, for: length)
    electionStorm = ElectionStorm(until: now + length, fault: id)
    network.slowest = strikeRandom.number(in: 5_000..<70_000)
    if let leader {
      switch strikeRandom.number(below: 3) {
      case 0: crash(leader, by: .kill, losesPower: false)
      case 1: pause(leader)
      default: cut(links(around: leader), .partition, for: length)
      }
    }
    for node in nodes.indices where strikeRandom.chance(percent: 60) {
      nodes[node].killMoment = .afterVote
    }
  }

  /// Whether an election storm is going on.
  var isElectionHard: Bool { now < electionStorm?.until ?? 0 }

  /// A node that is back in the middle of an election hears again what candidates have said.
  func remindOfElection(_ node: Int) {
    guard isElectionHard, let electionStorm else { return }
    for frame in network.rareFrames(to: node) {
      faults.tookEffect(episode: electionStorm.fault)
      queue.schedule(.peerFrame(frame), at: now + random.number(in: 100..<20_000))
    }
  }

  /// What a leader of another make might send instead of an appendEntries of ours: from an
  /// earlier entry on, with few entries or none.
  ///
  /// Our own leader never ends a message before the first difference of two logs; followers may
  /// not rely on that.
  func oddAppend(
    insteadOf append: RaftMessage.AppendEntries,
    of process: NodeProcess
  ) -> RaftMessage? {
    let core = process.replica.core.core
    guard core.status.role == .leader, core.currentTerm == append.term else { return nil }
    let earlier = random.number(in: 0..<24)
    let start = LogIndex(
      append.previous.index.rawValue - min(append.previous.index.rawValue, earlier)
    )
    let count = random.number(in: 0..<3)
    let end = min(start.rawValue + count, core.lastIndex.rawValue)
    var entries: [LogEntry] = []
    var index = start.next
    while index.rawValue <= end, let entry = core.entry(at: index) {
      entries.append(entry)
      index = index.next
    }
    let term = start > .zero ? core.entry(at: start)?.term : Term(0)
    guard let term else { return nil }
    return .appendEntries(
      RaftMessage.AppendEntries(
        term: append.term,
        previous: LogMark(index: start, term: term),
        commitIndex: core.commitIndex,
        entries: entries
      )
    )
  }
}
