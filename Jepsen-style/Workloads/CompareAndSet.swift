import Linearizability
import LockstepClient

/// A compare-and-set by value, from what the store offers: a read, and a put if the revision is
/// still the one that was read.
struct CompareAndSet: Sendable {
  private let key: String

  init(_ key: String) { self.key = key }

  /// Between the read and the put nothing changed, so that both are one instant.
  func carryOut(
    _ expected: HistoryValue,
    _ value: HistoryValue,
    on store: Client
  ) async throws(LockstepError) -> CallEnding {
    let found: KeyValue?
    do throws(LockstepError) {
      found = try await store.kv.get(Key(key))
    } catch {
      // Nothing has been written yet.
      return .fail(error.code.rawValue)
    }
    guard HistoryValue(stored: found?.value) == expected else { return .fail("other-value") }
    try await store.kv.put(Key(key), value.stored, ifRevision: found?.revision ?? 0)
    return .ok(.list([expected, value]))
  }
}
