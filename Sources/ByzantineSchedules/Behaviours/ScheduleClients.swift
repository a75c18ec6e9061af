import Consensus
import PBFT

/// Correct clients: each asks all replicas, believes f+1 equal answers, and asks again until then.
struct ScheduleClients: Sendable {
  private struct Request: Sendable {
    let envelope: SignedEnvelope
    let client: ClientNumber
    /// The newest index whose answer had been believed when it was asked.
    let floor: LogIndex
    var answers: [(place: Int, answer: ScheduledReplica.Answer)] = []
    var isServed = false
    /// Whether it is sent again to all until there is an answer.
    let isPersistent: Bool
  }

  private let genesis: ScheduleGenesis
  private let liars: [Int]
  private var requests: [Request] = []
  private var newestBelieved = LogIndex.zero

  init(_ genesis: ScheduleGenesis, liars: [Int]) {
    self.genesis = genesis
    self.liars = liars
  }

  var isServed: Bool { requests.allSatisfy(\.isServed) }

  func isApplied(in state: ScheduledState) -> Bool {
    requests.allSatisfy { state.hasApplied($0.envelope, by: $0.client) }
  }

  /// One more request, if there are not as many yet.
  mutating func ask(upTo count: Int) -> [SignedEnvelope] {
    requests.count < count ? ask(isPersistent: true) : []
  }

  /// One more request, each of another client than the one before.
  mutating func ask(isPersistent: Bool) -> [SignedEnvelope] {
    let client = requests.count % 3
    guard let number = genesis.number(of: client) else { return [] }
    var request = Request(
      envelope: genesis.envelope(client: client, first: UInt64(requests.count + 1)),
      client: number,
      floor: newestBelieved,
      isPersistent: isPersistent
    )
    // Liars answer first, all the same, and wrongly.
    for liar in liars {
      request.answers.append((liar, .init(key: key(of: request), index: .zero, result: .zero)))
    }
    requests.append(request)
    return [request.envelope]
  }

  private func key(of request: Request) -> ScheduledKey {
    ScheduledKey(client: request.client, key: request.envelope.requests[0].key)
  }

  /// What is sent again, as there is no answer.
  var unserved: [SignedEnvelope] {
    requests.filter { !$0.isServed && $0.isPersistent }.map(\.envelope)
  }

  /// Believes what f+1 say.
  ///
  /// I13: it is the result in the one history. I14: a request that was asked after another was
  /// answered comes after it; with I1 that makes the history linearizable.
  mutating func hear(
    _ answer: ScheduledReplica.Answer,
    from place: Int,
    _ judge: inout ScheduleJudge
  ) {
    guard let number = requests.firstIndex(where: { key(of: $0) == answer.key }),
      !requests[number].answers.contains(where: { $0.place == place })
    else { return }
    requests[number].answers.append((place, answer))
    let equal = requests[number].answers.count { $0.answer == answer }
    guard equal > genesis.authority.faultsMax, !requests[number].isServed else { return }
    requests[number].isServed = true
    if judge.results[answer.key] != answer.result { judge.fail("I13: a client believes a lie") }
    if answer.index <= requests[number].floor { judge.fail("I14: a request is put back in time") }
    newestBelieved = max(newestBelieved, answer.index)
  }
}
