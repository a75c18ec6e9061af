import Consensus
import Raft

// What changes of the members promise, beyond what `MemberWatch` sees alone.
extension SafetyChecker {
  /// The newest committed configuration, and those written behind it, which may be in use.
  var newestConfigurations: [ClusterConfiguration] {
    configurations.filter { $0.index >= configurationIndex }.map(\.1)
  }

  /// Whether these are a quorum of the newest committed configuration, or of one that was written
  /// behind it and may be in use (M1).
  func hasQuorum(_ present: [Member]) -> Bool {
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
    let isHeld = memberWatch.hasQuorum(at: node, holders(of: mark, at: index).contains)
    guard isHeld else {
      throw .safety("M1", "\(members[node].id) commits \(index), which no quorum of it holds")
    }
  }

  /// A quorum of the disks holds an entry, or did when it was asked (W1).
  func checkDurable(_ index: LogIndex, what: String) throws(Violation) {
    let mark = committedMarks[Int(index.rawValue) - 1]
    let holders = holders(of: mark, at: index)
    guard hasQuorum(holders) else {
      throw .safety("W1", "\(what) \(index), which only \(holders.count) disks hold")
    }
  }

  /// Whether a quorum of the disks holds that somebody is a member.
  ///
  /// Who leads may know that this is committed before anybody has handed it out.
  func isForGood(_ member: Member) -> Bool {
    memberWatch.entries(naming: member).contains { index, mark in
      hasQuorum(holders(of: mark, at: index))
    }
  }

  /// Whose disks hold an entry, or did as long as they lost nothing.
  private func holders(of mark: EntryMark?, at index: LogIndex) -> [Member] {
    let present = members.indices.filter { ledgers[$0].hasHeld(mark, at: index) }
    return present.map { members[$0] }
      + former.filter { $0.ledger.hasHeld(mark, at: index) }.map(\.member)
  }

  /// The majority of the voters that the cluster began with.
  var quorum: Int { configurations[0].1.seats.count / 2 + 1 }

  /// A node lets its journal forget.
  mutating func mayForget(below position: UInt64, at node: Int) {
    ledgers[node].mayForget(below: position)
  }

  /// The configurations that are committed behind so many entries.
  func configurations(behind count: Int) -> [ClusterConfiguration] {
    committed[count...].compactMap { entry in
      if case .configuration(let configuration) = entry.payload { configuration } else { nil }
    }
  }

  /// All that were ever committed.
  var committedConfigurations: [ClusterConfiguration] {
    configurations.compactMap { index, configuration in
      guard index <= configurationIndex, Int(index.rawValue) <= committed.count,
        case .configuration(configuration) = committed[Int(index.rawValue) - 1].payload
      else { return nil }
      return configuration
    }
  }

  /// Where a configuration is said to be committed, one is (M6).
  func checkConfiguration(at index: LogIndex, saidBy node: Int) throws(Violation) {
    guard index > .zero, Int(index.rawValue) <= committed.count,
      case .configuration = committed[Int(index.rawValue) - 1].payload
    else {
      throw .safety("M6", "\(members[node].id) says that \(index) is a committed configuration")
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
