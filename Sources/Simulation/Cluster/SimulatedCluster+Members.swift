import Consensus
import Raft
import Replication

// Operators: members come and go in every fourth seed, while everything else goes wrong (M1f–M4f).
extension SimulatedCluster {
  /// How many nodes are members from the start.
  var foundersCount: Int { setup.configuration.seats.count }

  static let operatorsSalt: UInt64 = 0x6D65_6D62_6572_7321
  private static let paceMicroseconds: Range<UInt64> = 200_000..<2_500_000
  private static let hasteMicroseconds: Range<UInt64> = 20_000..<200_000
  private static let nodesMax = 9

  /// Whether this is a run in which members change.
  var hasJoiners: Bool { nodes.count > setup.configuration.seats.count }

  /// Nodes that wait to be added; none in most seeds.
  static func drawJoiners(
    behind count: Int,
    _ options: RunOptions,
    _ random: inout RandomSource
  ) -> [Member] {
    let joinersCount: Int
    if let reference = options.reference {
      guard reference.hasJoiner else { return [] }
      joinersCount = 1
    } else {
      guard random.oneIn(4), !options.withoutWeather.contains(.memberChange) else { return [] }
      joinersCount = min(1 + random.number(below: 4), nodesMax - count)
    }
    return (count + 1...count + joinersCount).map {
      Member(id: NodeID(UInt32($0)), incarnation: Incarnation(random.next()))
    }
  }

  static func seat(of member: Member) -> ClusterConfiguration.Seat {
    ClusterConfiguration.Seat(
      member: member,
      clientAddress: "\(member.id):1",
      peerAddress: "\(member.id):2"
    )
  }

  /// An operator asks, now and then two at once, mostly the leader, sometimes a node that may
  /// believe to lead.
  func changeMembers() {
    guard !isCalm else { return }
    let pace = operatorRandom.oneIn(2) ? Self.hasteMicroseconds : Self.paceMicroseconds
    queue.schedule(.memberChange, at: now + operatorRandom.number(in: pace))
    for _ in 0..<(operatorRandom.oneIn(5) ? 2 : 1) {
      let change = drawChange()
      let anybody = operatorRandom.number(below: nodes.count)
      ask(for: change, at: operatorRandom.oneIn(4) ? anybody : leader ?? anybody)
    }
  }

  /// An operator asks this node for something.
  func askForChange(at node: Int) { ask(for: drawChange(), at: node) }

  private func ask(for change: MembershipChange, at node: Int) {
    guard let process = nodes[node].process else { return }
    faults.count(.memberChange)
    deliver(.reconfigure(change), to: process, on: node)
  }

  /// Often whoever has just been elected is asked at once: before it has committed anything, and
  /// before what it has found is committed (M2f).
  func askElected(_ process: NodeProcess, on node: Int) {
    guard hasJoiners, !isCalm, reference == nil, operatorRandom.oneIn(2) else { return }
    deliver(.reconfigure(drawChange()), to: process, on: node)
  }

  /// When the faults are over, the well nodes are those of the configuration that is in use then;
  /// whoever was removed runs as well and must not disturb them (M4).
  func drawMembersCore() -> [Int] {
    guard hasJoiners || hasLosses, let leader,
      let configuration = nodes[leader].process?.replica.core.configuration
    else { return core }
    return nodes.indices.filter { node in
      !nodes[node].isOut && !broken.contains(node)
        && configuration.seat(of: nodes[node].member) != nil
    }
  }

  // MARK: Helpers

  private func drawChange() -> MembershipChange {
    let configuration = checker.configuration
    let outside = nodes.map(\.member).filter { configuration.seat(of: $0) == nil }
    let voters = configuration.seats.map(\.member.id)
    let someVoter = voters[operatorRandom.number(below: voters.count)]
    let choice = operatorRandom.number(below: 12)
    if choice < 4, !outside.isEmpty {
      var seat = Self.seat(of: outside[operatorRandom.number(below: outside.count)])
      seat.peerAddress = operators.nextAddress()
      return .add(
        ClusterConfiguration.Learner(
          seat: seat,
          promotesItself: choice > 0,
          replaces: choice == 1 ? someVoter : nil
        )
      )
    }
    switch choice {
    case 4..<6:
      let learner = configuration.learners.first?.seat.member.id
      return .promote(learner ?? someVoter)
    case 6:
      let learner = configuration.learners.last?.seat.member.id
      return learner.map { .cancel($0) } ?? removal(of: someVoter)
    case 7..<10:
      let leaderID = leader.map { nodes[$0].member.id }
      return removal(of: operatorRandom.oneIn(3) ? leaderID ?? someVoter : someVoter)
    case 10: return .remove(Self.stranger)
    default:
      let address = operators.nextAddress()
      return .update(someVoter, clientAddress: "clients at \(address)", peerAddress: address)
    }
  }

  /// Nobody who may have rotted is left to decide alone: what it lacks no other could tell
  /// (docs/decisions/0030).
  ///
  /// And others have to elect whoever sends it a snapshot.
  private func removal(of voter: NodeID) -> MembershipChange {
    let left = checker.configuration.seats.count - 1
    let isTooFew =
      left < 2 && nodes.contains(where: \.isRotten)
      || left < 3 && nodes.contains(where: \.mayLackSnapshot)
    return .remove(isTooFew ? Self.stranger : voter)
  }

  private static let stranger = NodeID(99)
}
