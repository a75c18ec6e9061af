import ClientProtocol
import JepsenHarness
import Transport

// A node that lies, what becomes of it, and what proves it.
extension DemoSession {
  private static let leadSeconds = 20
  /// A primary that is still there after so long is not left.
  private static let toleratedSeconds = 4
  private static let evidenceSeconds = 10

  /// Makes the liar primary, and waits until the others leave it.
  func showLie() async throws(CommandFailure) {
    guard let liar = cluster.plan.liars.last else { throw Self.nobodyLies() }
    let place = cluster.plan.nodesCount
    note("n\(place) lies: \(liar.lie); it is led to the primary's place")
    let view = try await leadLiar(place)
    let began = MonotonicClock.now()
    note("n\(place) is primary, view \(view)")
    var silence = ClientSilence(load?.answeredCount ?? 0, at: began)
    var successor: NodeView?
    while successor == nil, MonotonicClock.now() - began < Self.toleratedSeconds.microseconds {
      successor = await honestViews().first { $0.role == "leader" && $0.term ?? 0 > view }
      silence.look(load?.answeredCount ?? 0, at: MonotonicClock.now())
      try await pass(Self.pollMicroseconds)
    }
    let milliseconds = (MonotonicClock.now() - began) / 1_000
    if let successor {
      note("n\(successor.id) is primary, view \(successor.term ?? 0): the liar was left")
      note("view change after \(milliseconds) ms")
    } else {
      note("the liar is still primary after \(milliseconds) ms: nobody is the worse for it")
    }
    try await watch(&silence)
    note("clients had \(silence.answered) answers, none for \(silence.longestMilliseconds) ms")
  }

  /// Waits for proof in the directories of those who do not lie, and has it verified.
  func showEvidence() async throws(CommandFailure) {
    guard let liar = cluster.plan.liars.last else { throw Self.nobodyLies() }
    let began = MonotonicClock.now()
    var found: [(node: Int, files: [String])] = []
    while MonotonicClock.now() - began < Self.evidenceSeconds.microseconds {
      found = honest.map { ($0, cluster.evidence(of: $0)) }.filter { !$0.1.isEmpty }
      if found.count == honest.count { break }
      try await pass(Self.pollMicroseconds)
    }
    guard let file = found.first?.files.first else {
      throw .of(
        code: "no_evidence",
        "no node has proof of the lie '\(liar.lie)' within \(Self.evidenceSeconds) s",
        hint: "equivocate and stale-view-change leave proof"
      )
    }
    for (node, files) in found { note("n\(node) keeps \(files.count) proofs") }
    let words = ["evidence", "verify", file, "--genesis", cluster.genesisFile]
    say("  lockstep \(words.joined(separator: " "))")
    try await run(DemoWords.Line(words: words), line: words.joined(separator: " "))
  }

  /// Goes on for a moment, so that a silence that has begun comes to its end.
  private func watch(_ silence: inout ClientSilence) async throws(CommandFailure) {
    for _ in 0..<50 {
      try await pass(Self.pollMicroseconds)
      silence.look(load?.answeredCount ?? 0, at: MonotonicClock.now())
    }
  }

  /// Has one primary after the other hand over until it is the liar's turn; returns its view.
  private func leadLiar(_ liar: Int) async throws(CommandFailure) -> UInt64 {
    let nodes = cluster.plan.nodesCount
    let began = MonotonicClock.now()
    while MonotonicClock.now() - began < Self.leadSeconds.microseconds {
      let views = await honestViews()
      // One that lost patience alone waits in a later view until others follow.
      let terms = views.compactMap(\.term).sorted(by: >)
      let view = terms.dropFirst((nodes - 1) / 3).first ?? 0
      let primary = Int(view) % nodes + 1
      if primary == liar { return view }
      let leads = views.contains { $0.id == primary && $0.role == "leader" }
      // By the answer to a write our own client learns who is to be asked to hand over.
      if leads, await cluster.isWritable() {
        _ = await cluster.transferLeadership(to: primary % nodes + 1)
      }
      try await pass(Self.pollMicroseconds)
    }
    throw CommandFailure(.noLeader, "the liar was not primary within \(Self.leadSeconds) s")
  }

  private var honest: [Int] { Array(1..<cluster.plan.nodesCount) }

  private func honestViews() async -> [NodeView] {
    await cluster.views().filter { honest.contains($0.id) }
  }

  private static func nobodyLies() -> CommandFailure {
    .of(
      code: "demo_failed",
      "no node of this demo lies",
      hint: "lockstep demo --byzantine"
    )
  }
}

extension Int {
  fileprivate var microseconds: UInt64 { UInt64(self) * 1_000_000 }
}
