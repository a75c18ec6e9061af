import Consensus
import Wire

/// What commands have changed since somebody asked last, as tables show it; only where states have
/// roots.
struct ChangeTracker: Sendable {
  private var changes: [StateChange] = []

  mutating func add(_ change: StateChange) { changes.append(change) }

  mutating func take() -> [StateChange] {
    defer { changes = [] }
    return changes
  }
}
