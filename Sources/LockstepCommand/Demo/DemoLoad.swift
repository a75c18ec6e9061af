import ClientProtocol
import Glibc
import JepsenHarness
import LockstepClient

/// A few clients whose questions and answers are recorded for `\check`.
@MainActor
final class DemoLoad {
  static let clientsCount = 4
  private static let callsPerSecond = 50

  /// The recorded history.
  var path: String { recorder.path }

  /// How many calls have been answered.
  var answeredCount: Int { recorder.count }

  /// Writes the history; faults are told to it.
  let recorder: HistoryRecorder

  private let load: ClientLoad
  private let calling: Task<LockstepError?, Never>

  /// Begins to call a cluster; each load has a database of its own, and its own part of chance.
  init(_ cluster: ProcessCluster.Plan, seed: UInt64) throws(HarnessError) {
    var number = 1
    while Folder.exists(Self.path(number, cluster)) { number += 1 }
    recorder = try HistoryRecorder(Self.path(number, cluster))
    var plan = RunPlan(binaries: [cluster.binary], folder: cluster.folder)
    plan.nodes = cluster.nodesCount
    plan.basePort = cluster.basePort
    plan.clients = Self.clientsCount
    plan.rate = Self.callsPerSecond
    plan.seed = seed &+ UInt64(number)
    let database = "check-" + String(UInt64.random(in: .min ... .max), radix: 36)
    load = ClientLoad(plan, cluster, database: database, recorder)
    calling = Task { [load] in
      do throws(LockstepError) { try await load.connect() } catch { return error }
      await load.run()
      return nil
    }
  }

  private static func path(_ number: Int, _ cluster: ProcessCluster.Plan) -> String {
    "\(cluster.folder)/history-\(number).ndjson"
  }

  /// Ends the calls, asks for every key once more, and completes the file.
  ///
  /// - Throws: What keeps keys from being read, or anything from being written, too: nothing can be
  ///   said of what they lost.
  func end() async throws(CommandFailure) {
    load.beginQuietTime()
    load.stop()
    let failure = await calling.value
    do {
      try recorder.finish()
    } catch {
      throw .of(code: "demo_failed", "\(error)")
    }
    if let failure { throw CommandFailure(failure) }
    guard let problem = load.problem else { return }
    throw CommandFailure(
      exitCode: .noAnswer,
      code: "no_verdict",
      message: "the cluster could not be asked for everything once more: \(problem)",
      hint: "the history is \(path)"
    )
  }
}
