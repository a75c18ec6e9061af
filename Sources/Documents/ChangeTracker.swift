import Consensus
import Wire

/// What commands have changed since somebody asked last, as tables show it; only where states have
/// roots.
struct ChangeTracker: Sendable {
  private var changes: [StateChange] = []
  /// Whether nothing is missing.
  private var isComplete = false

  mutating func add(_ change: StateChange) {
    // Until it is asked, nobody can use them.
    if isComplete { changes.append(change) }
  }

  mutating func take() -> [StateChange]? {
    defer {
      changes = []
      isComplete = true
    }
    return isComplete ? changes : nil
  }
}
