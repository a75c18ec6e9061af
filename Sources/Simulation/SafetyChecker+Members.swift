import Consensus
import Raft

// What changes of the members promise, beyond what `MemberWatch` sees alone.
extension SafetyChecker {
  /// Whether these are a quorum of the newest committed configuration, or of one that was written
  /// behind it and may be in use (M1).
  func hasQuorum(_ nodes: [Int]) -> Bool {
    let present = nodes.map { members[$0] }
    func isMajority(of seats: [ClusterConfiguration.Seat]) -> Bool {
      seats.count { present.contains($0.member) } > seats.count / 2
    }
    return configurations.contains { index, configuration in
      index >= configurationIndex && isMajority(of: configuration.seats)
        && (configuration.outgoing.isEmpty || isMajority(of: configuration.outgoing))
    }
  }

  /// What a leader commits by counting, a quorum of its own newest configuration holds (M1).
  func checkQuorum(of index: LogIndex, at node: Int) throws(Violation) {
    let mark = ledgers[node].written.entry(at: index)
    let isHeld = memberWatch.hasQuorum(at: node) { ledgers[$0].durable.entry(at: index) == mark }
    guard isHeld else {
      throw .safety("M1", "\(members[node].id) commits \(index), which no quorum of it holds")
    }
  }

  /// A snapshot names the configuration that its entries end with (M6).
  func freezes(_ mark: SnapshotMark, at node: Int) throws(Violation) {
    for entry in committed.prefix(Int(mark.index.rawValue)).reversed() {
      guard case .configuration(let configuration) = entry.payload else { continue }
      guard mark.configuration == configuration, mark.configurationIndex == entry.index else {
        throw .safety("M6", "\(members[node].id) has a snapshot with an old configuration")
      }
      return
    }
  }
}
