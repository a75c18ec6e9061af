import Linearizability
import LockstepByzantineClient
package import LockstepClient
import Synchronization

/// Calls a cluster from many tasks at once and records what they are told.
///
/// Reads, puts, conditional puts, deletes and increments meet on a few keys; every second there
/// are new ones, so that no key's history grows long.
package final class HistoryLoad: Sendable {
  /// How much is asked.
  package struct Plan: Sendable {
    /// Where the cluster is, and how long a call may take.
    package var url: String
    /// Clients, each with a session.
    package var clients = 8
    /// Calls that each client has under way.
    package var callsEach = 4
    /// Keys at a time.
    package var keys = 32

    /// A plan for a cluster.
    package init(url: String) {
      self.url = url
    }
  }

  /// Its keys are nobody else's.
  private static let collection = "history-run"

  /// What was asked and told.
  package let history = CallHistory()
  /// How many calls there were, and of which ending.
  package let tally = CallTally()

  private let plan: Plan
  private let isOver = Atomic(false)
  /// Keys of other runs on the same cluster are others.
  private let tag = String(UInt64.random(in: .min ... .max), radix: 36)

  /// A load that has not begun.
  package init(_ plan: Plan) {
    self.plan = plan
  }

  /// No call begins any more.
  package func stop() {
    isOver.store(true, ordering: .releasing)
  }

  /// Calls until the time is over or somebody stops it; each call under way is waited for.
  ///
  /// - Throws: Only what keeps a client from connecting; of calls that fail the tally knows.
  package func run(for time: Duration) async throws(LockstepError) {
    var clients: [Client] = []
    for _ in 0..<plan.clients { clients.append(try await Client.connect(anyMode: plan.url)) }
    let began = ContinuousClock.now
    await withTaskGroup(of: Void.self) { [clients] group in
      for client in clients {
        for _ in 0..<plan.callsEach {
          group.addTask { await self.callAgainAndAgain(client, from: began, for: time) }
        }
      }
    }
    for client in clients { await client.close() }
  }

  private func callAgainAndAgain(
    _ client: Client,
    from began: ContinuousClock.Instant,
    for time: Duration
  ) async {
    // The newest revision seen of each key.
    var seen: [UInt64] = []
    var round: Int64 = -1
    while !isOver.load(ordering: .acquiring) {
      let passed = ContinuousClock.now - began
      guard passed < time else { return }
      if round != passed.components.seconds {
        round = passed.components.seconds
        seen = Array(repeating: 0, count: plan.keys)
      }
      let number = Int.random(in: 0..<plan.keys)
      let input = Self.choose(seen: seen[number])
      let key = "history-\(tag)-\(round)-\(number)"
      let store = client.kv(Self.collection)
      if let revision = await call(store, key, input) { seen[number] = revision }
    }
  }

  /// Makes one call; returns the revision that its answer names.
  private func call(
    _ store: KeyValueStore,
    _ key: String,
    _ input: RevisionedRegister.Input
  ) async -> UInt64? {
    let place = history.open(input, of: key)
    let began = ContinuousClock.now
    do throws(LockstepError) {
      let output = try await answer(store, Key(key), input)
      history.close(place, output)
      tally.answered(after: ContinuousClock.now - began)
      return output.revision
    } catch {
      let time = ContinuousClock.now - began
      if error.code == .revisionConflict {
        history.close(place, error.currentRevision == nil ? .absent : .conflict)
        tally.answered(after: time)
        return error.currentRevision
      }
      if error.outcome == .notApplied { history.refuse(place) }
      tally.failed(error.code.rawValue, after: time)
      return nil
    }
  }

  private func answer(
    _ store: KeyValueStore,
    _ key: Key,
    _ input: RevisionedRegister.Input
  ) async throws(LockstepError) -> RevisionedRegister.Output {
    switch input {
    case .get:
      guard let found = try await store.get(key) else { return .absent }
      return .found(value: found.value, revision: found.revision)
    case .put(let value):
      return .changed(revision: try await store.put(key, value).revision)
    case .insert(let value):
      return .changed(revision: try await store.put(key, value, ifRevision: 0).revision)
    case .replace(let value, let revision):
      return .changed(revision: try await store.put(key, value, ifRevision: revision).revision)
    case .delete:
      let deleted = try await store.delete(key)
      return deleted.value ? .changed(revision: deleted.revision) : .absent
    case .increment(let amount):
      let sum = try await store.increment(key, by: amount)
      return .counted(sum.value, revision: sum.revision)
    }
  }

  /// Half of the calls are reads; every value is a number, so that it can be counted up.
  private static func choose(seen revision: UInt64) -> RevisionedRegister.Input {
    let value = Array(String(Int.random(in: 0..<1_000_000_000)).utf8)
    switch Int.random(in: 0..<20) {
    case 0..<10: return .get
    case 10..<14: return .put(value)
    case 14..<16: return revision > 0 ? .replace(value, ifRevision: revision) : .insert(value)
    case 16: return .insert(value)
    case 17: return .delete(ifRevision: 0)
    default: return .increment(by: Int64.random(in: 1...9))
    }
  }
}

extension RevisionedRegister.Output {
  /// The revision at which the key was, or was changed.
  fileprivate var revision: UInt64? {
    switch self {
    case .found(_, let revision), .changed(let revision), .counted(_, let revision): revision
    case .absent, .conflict: nil
    }
  }
}
