import Consensus
import LockstepByzantineClient
package import LockstepClient
import Synchronization
import Transport

/// The clients of a run: each begins its calls at its rate, and all is recorded.
package final class ClientLoad: Sendable {
  private let plan: RunPlan
  private let url: String
  private let addresses: [SocketAddress]
  private let recorder: HistoryRecorder
  private let isOver = Atomic(false)
  private let quiet = QuietTime()
  private let stores = Mutex<[Client]>([])

  /// A load of a database that has not begun.
  package init(
    _ plan: RunPlan,
    _ cluster: ProcessCluster.Plan,
    database: String = "default",
    _ recorder: HistoryRecorder
  ) {
    self.plan = plan
    var options = ["timeout=\(plan.timeoutMilliseconds)ms", "name=jepsen"]
    if plan.readsFast { options.append("reads=fast") }
    url = cluster.url(database, options: options)
    addresses = (1...plan.nodes).compactMap {
      try? SocketAddress(parsing: cluster.clientAddress(of: $0))
    }
    self.recorder = recorder
  }

  /// What the clients could not do at the end; nil if nothing.
  package var problem: String? { quiet.problem }

  /// Everything is healed: what begins from now on must succeed sooner or later.
  package func beginQuietTime() {
    quiet.begin(at: recorder.now)
  }

  /// No call begins any more, but what has to be seen to succeed.
  package func stop() {
    isOver.store(true, ordering: .releasing)
  }

  /// Connects the clients; what began before that could not be told from what keeps them away.
  package func connect() async throws(LockstepError) {
    for _ in 0..<plan.clients {
      do throws(LockstepError) {
        let store = try await Client.connect(anyMode: url)
        stores.withLock { $0.append(store) }
      } catch {
        await disconnect()
        throw error
      }
    }
  }

  /// Calls until somebody stops it, and then asks for everything once more.
  package func run() async {
    let stores = stores.withLock(\.self)
    await withTaskGroup(of: Void.self) { group in
      for (number, store) in stores.enumerated() {
        group.addTask { await self.work(number, store) }
      }
    }
    await disconnect()
  }

  private func disconnect() async {
    let stores = stores.withLock { stores in
      defer { stores = [] }
      return stores
    }
    for store in stores { await store.close() }
  }

  private func work(_ number: Int, _ store: Client) async {
    var workload = plan.workload.init(seat(number))
    var random = RandomSource(seed: plan.seed &* 1_000 &+ UInt64(number))
    var due = recorder.now
    while !isOver.load(ordering: .acquiring) || quiet.waitsForWrite(at: recorder.now) {
      let round = Int(recorder.now / 1_000_000) / RunPlan.roundSeconds
      await perform(workload.next(in: round, &random), number, store, &workload)
      guard plan.callsPerSecond > 0 else { continue }
      // Whoever was late begins at once and does not make up for what was left out.
      due = max(due + pause(&random), recorder.now)
      try? await Task.sleep(for: .microseconds(due - recorder.now))
    }
    let rounds = Int(recorder.now / 1_000_000) / RunPlan.roundSeconds + 1
    let last = plan.workload.lastCalls(rounds: rounds)
    let places = stride(from: number, to: last.count, by: plan.clients)
    let calls = LastCalls(places.map { last[$0] } + workload.ownLastCalls(), quiet)
    await calls.ask(now: { recorder.now }) { call in
      await perform(call, number, store, &workload)
    }
  }

  private func seat(_ number: Int) -> ClientSeat {
    ClientSeat(
      number: number,
      addresses: addresses,
      timeoutMilliseconds: plan.timeoutMilliseconds
    )
  }

  /// Half to one and a half of the mean, so that clients do not march in step.
  private func pause(_ random: inout RandomSource) -> Int64 {
    let mean = 1_000_000 / UInt64(plan.callsPerSecond)
    return Int64(random.number(in: mean / 2..<mean * 3 / 2 + 1))
  }

  @discardableResult
  private func perform(
    _ call: WorkloadCall,
    _ number: Int,
    _ store: Client,
    _ workload: inout some Workload
  ) async -> CallEnding {
    let began = recorder.begin(call, by: number)
    var ending: CallEnding
    do throws(LockstepError) {
      ending = try await workload.carryOut(call, on: store)
    } catch {
      // What was refused, or only asked for something, had no effect; else nobody knows.
      let isHarmless = call.isRead || error.outcome == .notApplied
      ending = isHarmless ? .fail(error.code.rawValue) : .info(error.code.rawValue)
    }
    recorder.end(call, by: number, ending, since: began)
    quiet.note(call, ending, since: began)
    return ending
  }
}
