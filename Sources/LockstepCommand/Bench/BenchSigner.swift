import ClientProtocol
import Consensus
import LockstepClient

/// A worker whose requests travel in signed envelopes.
final class BenchSigner: BenchWorker {
  private let run: BenchRun
  private let lane: OrderedLane
  private let outstandingMax: Int
  private var puts: BenchCommandBytes
  private var gets: BenchCommandBytes
  private var loading: Range<Int>
  private var random: RandomSource
  /// Whether it could not connect and tries again, at the next tick: not in the same turn for ever.
  private var mustBegin = false

  init(
    run: BenchRun,
    cluster: BenchPlan.Cluster,
    index: Int,
    seed: UInt64,
    loading: Range<Int>
  ) throws(LockstepError) {
    self.run = run
    self.loading = loading
    random = RandomSource(seed: seed)
    outstandingMax = run.plan.outstanding(ofConnection: index)
    puts = .put(valueSize: run.plan.valueSize, to: run.plan.place)
    gets = .get(from: run.plan.place)
    lane = try OrderedLane(
      cluster.url,
      cluster.credentials,
      envelopeMax: cluster.envelope,
      on: run.loop
    )
    begin()
  }

  var hasLoaded: Bool { loading.isEmpty && lane.outstanding == 0 }

  var sent: (envelopes: Int, operations: Int) { lane.sent }

  var isClosed: Bool { lane.isClosed }

  func close() { lane.close() }

  func fill(now: UInt64) {
    let isLoading = run.phase == .loading
    let limit = isLoading ? Int(Limits.sessionWindow) : outstandingMax
    while run.wantsMore, lane.isConnected, lane.outstanding < limit {
      guard let key = isLoading ? loading.popFirst() : random.number(below: run.plan.keys)
      else { break }
      send(key, isPut: isLoading || run.plan.operation.chooseIsPut(using: &random), now)
    }
    lane.turnEnded()
  }

  func tick(now: UInt64) {
    if mustBegin {
      mustBegin = false
      begin()
    }
    let before = lane.resent
    lane.tick()
    run.noteRetries(lane.resent - before)
  }

  private func begin() {
    lane.begin { [weak self] error in
      guard let self else { return }
      if error.code.rawValue == ErrorCode.cannotConnect.rawValue { run.giveUp(error.message) }
      run.noteTrouble(error.message)
      mustBegin = true
    }
  }

  private func send(_ key: Int, isPut: Bool, _ now: UInt64) {
    let run = run
    let ended: (OrderedLane.End) -> Void = { end in
      switch end {
      case .answered(let isFailure): run.noteAnswer(sentAt: now, isFailure: isFailure)
      case .failed(let error):
        run.noteTrouble(error.message)
        run.noteAnswer(sentAt: now, isFailure: true)
      }
    }
    if isPut {
      lane.write(puts.bytes(ofKey: key), ended)
    } else {
      lane.read(gets.bytes(ofKey: key), ended)
    }
  }
}
