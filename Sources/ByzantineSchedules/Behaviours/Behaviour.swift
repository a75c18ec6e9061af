import PBFT

/// Something that faulty replicas, clients, disks or networks do, by name.
///
/// Whatever it is, nothing may be broken and everything that correct clients ask for is applied,
/// while it goes on.
package struct Behaviour: Sendable {
  typealias Sending = ScheduledReplica.Sending

  /// What it is called, on the command line and in docs/liars.md.
  package let name: String
  /// What it proves against whoever behaves so, such as E1; empty if nothing can be proved.
  package private(set) var evidence: [String] = []
  /// Whether the first view must be left, must be kept, or either.
  package private(set) var leavesView: Bool?
  /// What a liar sends instead of what its core wants to send.
  private(set) var sends: @Sendable (Sending, inout Liar) -> [Sending] = { sending, _ in [sending] }
  /// What a liar sends besides, once in a quantum.
  private(set) var adds: @Sendable (inout Liar) -> [Sending] = { _ in [] }
  /// Whether a liar's core takes notice of a message.
  private(set) var hears: @Sendable (PBFTMessage) -> Bool = { _ in true }
  /// What happens to the world, once in a quantum.
  private(set) var happens: @Sendable (inout BehaviourStage) -> Void = { _ in }
  /// How much longer than others a message is under way, in quanta.
  private(set) var delays: @Sendable (PBFTMessage) -> Int = { _ in 0 }
  /// Whether the network loses a message.
  private(set) var loses: @Sendable (Sending, Int, BehaviourStage) -> Bool = { _, _, _ in false }
  /// The first of the f replicas that lie; nil if it is the world alone that misbehaves.
  private(set) var firstLiar: Int? = 0
  /// The least quanta that it goes on for.
  private(set) var lasts = 300

  init(_ name: String) {
    self.name = name
  }

  func proving(_ evidence: String...) -> Behaviour {
    with { $0.evidence = evidence }
  }

  func leavingView(_ leaves: Bool = true) -> Behaviour {
    with { $0.leavesView = leaves }
  }

  func sending(_ sends: @escaping @Sendable (Sending, inout Liar) -> [Sending]) -> Behaviour {
    with { $0.sends = sends }
  }

  func adding(_ adds: @escaping @Sendable (inout Liar) -> [Sending]) -> Behaviour {
    with { $0.adds = adds }
  }

  func hearing(_ hears: @escaping @Sendable (PBFTMessage) -> Bool) -> Behaviour {
    with { $0.hears = hears }
  }

  func happening(_ happens: @escaping @Sendable (inout BehaviourStage) -> Void) -> Behaviour {
    with { $0.happens = happens }
  }

  func delaying(_ delays: @escaping @Sendable (PBFTMessage) -> Int) -> Behaviour {
    with { $0.delays = delays }
  }

  func losing(_ loses: @escaping @Sendable (Sending, Int, BehaviourStage) -> Bool) -> Behaviour {
    with { $0.loses = loses }
  }

  /// Whose behaviour it is: f replicas from this one on, or nobody's.
  func by(_ firstLiar: Int?) -> Behaviour {
    with { $0.firstLiar = firstLiar }
  }

  func lasting(_ quanta: Int) -> Behaviour {
    with { $0.lasts = quanta }
  }

  private func with(_ change: (inout Behaviour) -> Void) -> Behaviour {
    var changed = self
    change(&changed)
    return changed
  }

  /// All of them.
  package static let all =
    primaries + blocks + times + forgeries + votes + floods + checkpoints + viewChanges
    + newViews + clients + disks + networks
}
