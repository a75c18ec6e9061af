import Consensus

@testable import Raft

/// Cores in memory with disks, links and time in the hands of a test.
final class TestCluster {
  /// A node: its core while it runs, and its disk.
  struct Node {
    var core: RaftCore?
    var boot: UInt64 = 1
    /// Records on the disk for good.
    var durable: [RaftRecord]
    /// Records handed to the disk, with the promises that wait for them.
    var written: [RaftRecord] = []
    var promises: [(after: Int, envelope: Envelope<RaftMessage>)] = []
    var isSyncHeld = false
    var applied: [String] = []
    /// The positions whose records cannot be read any more.
    var holes: [ClosedRange<UInt64>] = []
    /// Whether the newest term and vote are known from elsewhere in the journal.
    var isVoteCopied = true
  }

  struct Link: Hashable {
    let from: Int
    let to: Int
  }

  let count: Int
  private let initial: ClusterConfiguration
  /// The snapshot that the directories of all members begin with.
  private let restored: SnapshotMark?
  var nodes: [Node]
  let options: RaftOptions
  /// Messages on their way, by link.
  var queues: [Link: [RaftMessage]] = [:]
  var cuts: Set<Link> = []
  private(set) var now = Reading.milliseconds(1_000)
  /// What happened, for scenarios.
  var trace: [String] = []
  /// The term each leader was seen in; more than one per term breaks S1.
  private(set) var leaders: [Term: Int] = [:]
  /// What was applied at each index by whoever was first.
  private var agreed: [LogIndex: String] = [:]
  private(set) var violations: [String] = []
  /// How often a node was started.
  private var starts: UInt64 = 0
  /// What became of a node that stopped because it was refused.
  private(set) var refusals: [Int: AdmissionStatus] = [:]
  /// How many changes of members were reported as done.
  private(set) var changesDone = 0
  /// Which nodes ever held an entry durably.
  private(set) var holders: [LogMark: Set<Int>] = [:]

  /// So many voters, and nodes that wait to be added to them.
  init(
    _ votersCount: Int,
    joiners: Int = 0,
    options: RaftOptions = .trusting,
    restored: SnapshotMark? = nil
  ) {
    count = votersCount + joiners
    initial = .fixture(of: votersCount)
    self.options = options
    self.restored = restored
    let fresh = Self.freshRecords(for: initial, restored)
    nodes = (0..<count).map { Node(durable: $0 < votersCount ? fresh : RaftCore.joinerRecords) }
    for number in 1...count { start(number) }
  }

  private static func freshRecords(
    for configuration: ClusterConfiguration,
    _ restored: SnapshotMark?
  ) -> [RaftRecord] {
    guard let restored else { return RaftCore.initialRecords(for: configuration) }
    return [.restart(LogMark(index: restored.index, term: restored.term))]
  }

  var links: [Link] {
    (1...count).flatMap { from in (1...count).map { Link(from: from, to: $0) } }
      .filter { $0.from != $0.to }
  }

  func core(_ number: Int) -> RaftCore? { nodes[number - 1].core }

  // MARK: Nodes

  func start(_ number: Int) {
    let past = nodes[number - 1].past(after: restored)
    guard RaftCore.canRecover(past, as: .node(number)) else {
      return trace.append("\(number): refuses to start")
    }
    nodes[number - 1].core = RaftCore.recovered(
      number,
      past,
      options: options,
      start: (nodes[number - 1].boot, seed(of: number)),
      now: now
    )
    carryOut(number)
  }

  /// A start draws numbers of its own, where such are drawn.
  private func seed(of number: Int) -> UInt64 {
    starts += 1
    return options.admission == .trusting ? UInt64(number) : 100 * starts + UInt64(number)
  }

  /// A copy of a node's directory.
  func copy(_ number: Int) -> (boot: UInt64, records: [RaftRecord]) {
    (nodes[number - 1].boot, nodes[number - 1].durable)
  }

  /// The node's process ends, and its directory is made anew as it began.
  func wipe(_ number: Int) {
    putBack((0, Self.freshRecords(for: initial, restored)), of: number)
  }

  /// The node's process ends, and its directory is replaced by a copy.
  func putBack(_ copy: (boot: UInt64, records: [RaftRecord]), of number: Int) {
    crash(number)
    nodes[number - 1].boot = copy.boot + 1
    nodes[number - 1].durable = copy.records
    nodes[number - 1].holes = []
  }

  /// What is not durable is lost, promises included.
  func crash(_ number: Int) {
    nodes[number - 1].core = nil
    nodes[number - 1].boot += 1
    nodes[number - 1].written = []
    nodes[number - 1].promises = []
    nodes[number - 1].applied = []
    for link in links where link.to == number { queues[link] = nil }
  }

  /// Calls a core and carries out what it wants.
  func call(_ number: Int, _ change: (inout RaftCore) -> Void) {
    guard var core = nodes[number - 1].core else { return }
    nodes[number - 1].core = nil
    let before = core.status
    change(&core)
    let after = core.status
    nodes[number - 1].core = core
    traceStatus(number, before, after)
    carryOut(number)
  }

  private func carryOut(_ number: Int) {
    guard let effects = nodes[number - 1].core?.takeEffects() else { return }
    for envelope in effects.messages { post(envelope, from: number) }
    let before = nodes[number - 1].durable.count
    nodes[number - 1].written += effects.records
    for record in effects.records {
      switch record {
      case .truncate(let index): trace.append("\(number): truncates from \(index)")
      case .repair(let mark): trace.append("\(number): lacks what follows \(mark.text)")
      case .repaired: trace.append("\(number): is whole again")
      case .hardState, .entry, .restart, .admission: break
      }
    }
    let after = before + nodes[number - 1].written.count
    nodes[number - 1].promises += effects.messagesAfterSync.map { (after, $0) }
    apply(effects, at: number)
    if let core = nodes[number - 1].core, case .leader = core.status.role {
      let known = leaders[core.currentTerm, default: number]
      if known != number { violations.append("S1: two leaders in term \(core.currentTerm)") }
      leaders[core.currentTerm] = number
    }
    if !nodes[number - 1].isSyncHeld { sync(number) }
    noteRefusal(effects.admission, of: number)
  }

  /// Whoever is refused stops, with what it wrote on its disk.
  private func noteRefusal(_ status: AdmissionStatus?, of number: Int) {
    guard let status, status != .admitted, status != .waiting else { return }
    refusals[number] = status
    crash(number)
  }

  private func apply(_ effects: RaftEffects, at number: Int) {
    for committed in effects.committed {
      let text = "\(committed.term)/\(committed.payload.text)"
      if agreed[committed.index, default: text] != text {
        violations.append("S7: \(committed.index) is \(text) at \(number)")
      }
      agreed[committed.index] = text
      nodes[number - 1].applied.append(committed.payload.text)
      trace.append("\(number): applies \(committed.index) \(committed.payload.text)")
    }
    for read in effects.readable {
      trace.append("\(number): read \(read.id.rawValue) at \(read.index)")
    }
    for refused in effects.refused { trace.append("\(number): \(refused.text)") }
    if let configuration = effects.configuration, configuration.seats != [] {
      traceConfiguration(number, configuration)
    }
    if effects.reconfigured != nil { changesDone += 1 }
    if let index = effects.reconfigured { trace.append("\(number): change done by \(index)") }
    if effects.isRemoved { trace.append("\(number): learns that it was removed") }
  }

  /// The members, where they are not those that the cluster began with.
  private func traceConfiguration(_ number: Int, _ configuration: ClusterConfiguration) {
    guard configuration != initial else { return }
    trace.append("\(number): members \(configuration.text)")
  }

  private func traceStatus(_ number: Int, _ before: CoreStatus, _ after: CoreStatus) {
    guard before.role != after.role || before.term != after.term || before.leader != after.leader
    else { return }
    let leader = after.leader.map { " of \($0)" } ?? ""
    let suffix = after.role == .follower ? leader : ""
    trace.append("\(number): \(after.role.rawValue)\(suffix) in term \(after.term)")
  }

  // MARK: Disk

  /// The disk finishes the first `limit` of what was handed to it.
  func sync(_ number: Int, limit: Int = .max) {
    let amount = min(limit, nodes[number - 1].written.count)
    for record in nodes[number - 1].written.prefix(amount) {
      guard case .entry(let index, let entry) = record else { continue }
      holders[LogMark(index: index, term: entry.term), default: []].insert(number)
    }
    nodes[number - 1].durable += nodes[number - 1].written.prefix(amount)
    nodes[number - 1].written.removeFirst(amount)
    let position = nodes[number - 1].durable.count
    let ready = nodes[number - 1].promises.prefix { $0.after <= position }
    nodes[number - 1].promises.removeFirst(ready.count)
    for promise in ready { post(promise.envelope, from: number) }
    guard amount > 0 else { return }
    call(number) { $0.recordsAreDurable(through: UInt64(position)) }
  }

  // MARK: Network

  private func post(_ envelope: Envelope<RaftMessage>, from: Int) {
    let link = Link(from: from, to: Int(envelope.recipient.id.rawValue))
    // Through the codec, as between processes.
    guard let message = try? RaftMessage(decoding: envelope.message.encoded()) else {
      violations.append("undecodable: \(envelope.message)")
      return
    }
    queues[link, default: []].append(message)
  }

  /// Delivers what is on a link now; a cut link loses it.
  func deliver(_ link: Link, isTraced: Bool = false) {
    let messages = queues[link] ?? []
    queues[link] = nil
    guard !cuts.contains(link) else { return }
    for message in messages {
      if isTraced { trace.append("\(link.from)→\(link.to) \(message.text)") }
      call(link.to) { $0.receive(message, from: .node(link.from)) }
    }
  }

  /// Delivers until nothing is on its way.
  func settle() {
    for _ in 0..<200 {
      let busy = links.filter { queues[$0] != nil }
      if busy.isEmpty { return }
      for link in busy { deliver(link) }
    }
    violations.append("L5: messages never end")
  }

  // MARK: Time

  /// Time passes in steps of 10 ms; each step delivers what was sent before it.
  func run(milliseconds: Int) {
    for _ in 0..<milliseconds / 10 {
      for link in links { deliver(link) }
      tickAll(milliseconds: 10)
    }
  }

  func tickAll(milliseconds: UInt64) {
    now = now.later(milliseconds: milliseconds)
    for number in 1...count { call(number) { [now] in $0.tick(now) } }
  }

  /// The nodes that believe to lead.
  var leading: [Int] {
    (1...count).filter { core($0)?.status.role == .leader }
  }

  var termMax: UInt64 {
    nodes.compactMap { $0.core?.currentTerm.rawValue }.max() ?? 0
  }
}
