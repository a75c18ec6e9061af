import Consensus
import Replication

/// Watches whether operators are told the truth: what is done stands in a committed configuration,
/// and what was refused for good never does (R3).
///
/// Every wish to add or to move a member names an address of its own.
struct OperatorWatch {
  /// What an operator wants.
  enum Wish {
    case transfer(to: NodeID?)
    case change(MembershipChange)
  }

  /// What addresses begin with that only one wish names.
  private static let unique = "moved:"

  /// The addresses of what was refused.
  private var refused: Set<String> = []
  private var wishesCount = 0

  /// An address that nobody has been given yet.
  mutating func nextAddress() -> String {
    wishesCount += 1
    return "\(Self.unique)\(wishesCount)"
  }

  /// A wish was refused.
  mutating func refused(_ wish: Wish, _ refusal: Refusal) {
    guard refusal.outcome == .notApplied, case .change(let change) = wish,
      let address = change.address, address.hasPrefix(Self.unique)
    else { return }
    refused.insert(address)
  }

  /// A configuration is committed, or was and its change is refused now.
  func objection(to configuration: ClusterConfiguration) -> String? {
    guard !refused.isEmpty else { return nil }
    let known = configuration.everySeat.map(\.peerAddress)
    return known.first(where: refused.contains).map { "\($0) was refused and is committed" }
  }

  /// Whether a configuration says that a change is done.
  static func isDone(
    _ change: MembershipChange,
    _ next: ClusterConfiguration
  ) -> Bool {
    let learns = next.learners.map(\.seat.member.id)
    let votes = next.seats.map(\.member.id)
    guard next.outgoing.isEmpty else { return false }
    return switch change {
    case .add(let learner): next.everySeat.contains(learner.seat)
    case .promote(let id): votes.contains(id) && !learns.contains(id)
    case .remove(let id): !learns.contains(id) && !votes.contains(id)
    case .cancel(let id): !learns.contains(id)
    case .update(let id, _, let address):
      next.everySeat.contains { $0.member.id == id && $0.peerAddress == address }
    }
  }
}

extension MembershipChange {
  /// The address that it alone brings.
  fileprivate var address: String? {
    switch self {
    case .add(let learner): learner.seat.peerAddress
    case .update(_, _, let address): address
    case .promote, .remove, .cancel: nil
    }
  }
}

extension ClusterConfiguration {
  fileprivate var everySeat: [Seat] { seats + learners.map(\.seat) }
}
