import Linearizability
import LockstepClient

/// A value is read, changed, and put back if its revision is still the one that was read: again and
/// again, as others may come first.
struct RevisedPut: Sendable {
  private static let triesMax = 10

  /// What becomes of what was found; nothing is put back where `value` is nil.
  struct Change {
    let value: [UInt8]?
    /// The result of the call, once that has happened.
    let result: HistoryValue
  }

  private let key: Key

  init(_ key: Key) { self.key = key }

  /// Between the read and the put nothing changed, so that both are one instant.
  func carryOut(
    on store: Client,
    _ change: ([UInt8]) -> Change
  ) async throws(LockstepError) -> CallEnding {
    for _ in 0..<Self.triesMax {
      let found: KeyValue?
      do throws(LockstepError) {
        found = try await store.kv.get(key)
      } catch {
        // Nothing has been written yet, or it was refused.
        return .fail(error.code.rawValue)
      }
      let next = change(found?.value ?? [])
      guard let value = next.value else { return .ok(next.result) }
      do throws(LockstepError) {
        try await store.kv.put(key, value, ifRevision: found?.revision ?? 0)
        return .ok(next.result)
      } catch {
        guard error.code == .revisionConflict else { throw error }
      }
    }
    return .fail("others-came-first")
  }
}
