import Linearizability

/// Judges reads by the promises of their level.
///
/// - A linearizable read (`get`) finds nothing older than what any write or linearizable read had
///   shown before it began.
/// - A stale read (`stale-get`) finds nothing older than what its own client has seen of the key
///   by any call, and lacks nothing that was acknowledged too long before it began.
/// - Whatever a read finds was written under that revision, or by a write of unknown outcome.
package struct ConsistencyJudge: CallJudge {
  /// The name for reports.
  package let name = "consistency"
  /// A node counts from when it *heard* the leader; what it hears may have been on its way while
  /// a fault lasted, and a leader that is cut off believes in itself for an election timeout.
  private static let allowanceMilliseconds = 10_000

  private let lagMaxMicroseconds: Int64

  /// A judge of stale reads with this lag.
  package init(staleMaxMilliseconds: Int) {
    lagMaxMicroseconds = Int64(staleMaxMilliseconds + Self.allowanceMilliseconds) * 1_000
  }

  /// An answer, taken apart.
  private struct Answer {
    let call: RecordedCall
    let value: HistoryValue
    let revision: Int64
    let began: Int64
    let ended: Int64
    var isStale: Bool { call.function == "stale-get" }
    var isWrite: Bool { call.function == "put" }

    init?(_ call: RecordedCall) {
      guard call.ending == .ok, case .list(let parts) = call.result, parts.count == 4,
        case .integer(let revision) = parts[1], case .integer(let began) = parts[2],
        case .integer(let ended) = parts[3]
      else { return nil }
      self.call = call
      value = parts[0]
      (self.revision, self.began, self.ended) = (revision, began, ended)
    }

    var line: String {
      "process \(call.process): \(call.function) → \(value) at revision \(revision)"
    }
  }

  /// What a read found that it must not have found.
  package func findings(in calls: [RecordedCall]) -> [CallFinding] {
    var byKey: [HistoryValue?: [RecordedCall]] = [:]
    var keys: [HistoryValue?] = []
    for call in calls {
      if byKey[call.key] == nil { keys.append(call.key) }
      byKey[call.key, default: []].append(call)
    }
    return keys.flatMap { findings(ofKey: byKey[$0] ?? []) }
  }

  private func findings(ofKey calls: [RecordedCall]) -> [CallFinding] {
    let answers = calls.compactMap { Answer($0) }
    return provenance(answers, calls) + order(answers)
  }

  /// Every value was written, and under that revision.
  private func provenance(_ answers: [Answer], _ calls: [RecordedCall]) -> [CallFinding] {
    var writes: [HistoryValue: Answer] = [:]
    for answer in answers where answer.isWrite { writes[answer.value] = answer }
    let uncertain = Set(
      calls.lazy.filter { $0.ending == .info || $0.ending == .invoke }.map(\.argument)
    )
    return answers.compactMap { answer -> CallFinding? in
      guard !answer.isWrite, answer.value != .null else { return nil }
      if let write = writes[answer.value] {
        guard write.revision != answer.revision else { return nil }
        return finding("a value is found under another revision", [write, answer])
      }
      guard !uncertain.contains(answer.value) else { return nil }
      return finding("a value is found that nobody can have written", [answer])
    }
  }

  /// Nobody finds what is too old.
  private func order(_ answers: [Answer]) -> [CallFinding] {
    var findings: [CallFinding] = []
    let byEnd = answers.sorted { $0.call.instants.end ?? 0 < $1.call.instants.end ?? 0 }
    var rest = byEnd[...]
    /// The newest that everybody, or one client, had been shown.
    var shown: Answer?
    var own: [HistoryValue: Answer] = [:]
    var acknowledged: [Answer] = []
    for answer in answers {
      while let first = rest.first, let end = first.call.instants.end,
        end < answer.call.instants.begin
      {
        rest.removeFirst()
        keep(first, in: &own[first.call.process])
        guard !first.isStale else { continue }
        keep(first, in: &shown)
        acknowledged.append(first)
      }
      guard !answer.isWrite else { continue }
      if let newest = own[answer.call.process], newest.revision > answer.revision {
        findings.append(finding("a client finds less than it has seen itself", [newest, answer]))
      }
      guard let newest = bound(answer, shown, acknowledged), newest.revision > answer.revision
      else { continue }
      let words = answer.isStale ? "a stale read is staler than it may be" : "a read is stale"
      findings.append(finding(words, [newest, answer]))
    }
    return findings
  }

  /// What a read must not lack.
  private func bound(_ answer: Answer, _ shown: Answer?, _ acknowledged: [Answer]) -> Answer? {
    guard answer.isStale else { return shown }
    return acknowledged.filter { $0.ended < answer.began - lagMaxMicroseconds }
      .max { $0.revision < $1.revision }
  }

  private func keep(_ answer: Answer, in newest: inout Answer?) {
    if answer.revision > newest?.revision ?? -1 { newest = answer }
  }

  private func finding(_ words: String, _ answers: [Answer]) -> CallFinding {
    CallFinding(
      key: answers[0].call.key?.description,
      sentence: words,
      lines: answers.map(\.line)
    )
  }
}
