import Synchronization

/// What clients see when all is healed: a write must succeed, and each of the last calls.
final class QuietTime: Sendable {
  /// So long a call is repeated before it counts as one that cannot succeed any more.
  static let patienceMicroseconds: Int64 = 10_000_000

  private struct State {
    var began: Int64?
    var hasWritten = false
    /// Until when a write is waited for once clients are to stop; set by who asks first.
    var end: Int64?
    var problem: String?
    var unaskedCount = 0

    var missingWrite: String? {
      end == nil || hasWritten ? nil : "no write was acknowledged when all was healed"
    }
  }

  private let state = Mutex(State())

  /// What could not be done; nil if nothing.
  var problem: String? {
    let (problem, count) = state.withLock { ($0.problem ?? $0.missingWrite, $0.unaskedCount) }
    return problem.map { count > 0 ? "\($0), and \(count) more were not asked" : $0 }
  }

  /// Everything is healed.
  func begin(at now: Int64) { state.withLock { $0.began = now } }

  /// A call has ended, which began at that time.
  func note(_ call: WorkloadCall, _ ending: CallEnding, since began: Int64) {
    guard !call.isRead, case .ok = ending else { return }
    state.withLock { state in
      guard let healed = state.began, began >= healed else { return }
      state.hasWritten = true
    }
  }

  /// Whether clients that are to stop go on, as nobody has written yet since all is healed.
  func waitsForWrite(at now: Int64) -> Bool {
    state.withLock { state in
      guard state.began != nil, !state.hasWritten else { return false }
      let end = state.end ?? now + Self.patienceMicroseconds
      state.end = end
      return now < end
    }
  }

  /// One of the last calls was repeated in vain.
  func giveUp(_ call: WorkloadCall, _ ending: CallEnding) {
    let reason =
      switch ending {
      case .ok: "ok"
      case .fail(let reason), .info(let reason): reason
      }
    let place = call.key.map { " of \($0)" } ?? ""
    state.withLock { state in
      if state.problem == nil { state.problem = "the last \(call.function)\(place) ends \(reason)" }
    }
  }

  /// So many of the last calls were not made at all.
  func leaveOut(_ count: Int) { state.withLock { $0.unaskedCount += count } }
}
