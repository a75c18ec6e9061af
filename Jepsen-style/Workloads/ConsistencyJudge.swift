import Linearizability

/// Judges reads by the promises of their level.
///
/// - A linearizable read (`get`) finds nothing older than what any write or linearizable read had
///   shown before it began.
/// - A stale read (`stale-get`) finds nothing older than what its own client has seen of the key
///   by any call, and lacks nothing that was acknowledged too long before it began.
/// - Whatever a read finds was written under that revision, or by a write of unknown outcome that
///   had begun; one revision has one value, and one value one revision.
/// - A write comes after everything that anybody had been shown before it began.
/// - Without their revisions, writes and linearizable reads are those of a register.
package struct ConsistencyJudge: CallJudge {
  /// The name for reports.
  package let name = "consistency"

  private let staleness: StalenessJudge

  /// A judge of stale reads with this lag.
  package init(staleMaxMilliseconds: Int) {
    staleness = StalenessJudge(lagMaxMilliseconds: staleMaxMilliseconds)
  }

  /// What a call found that it must not have found.
  package func findings(
    in calls: [RecordedCall],
    isTimeOver: @escaping @Sendable () -> Bool
  ) -> [CallFinding] {
    var byKey: [HistoryValue?: [RecordedCall]] = [:]
    var keys: [HistoryValue?] = []
    for call in calls {
      if byKey[call.key] == nil { keys.append(call.key) }
      byKey[call.key, default: []].append(call)
    }
    var options = HistoryOptions()
    options.isTimeOver = isTimeOver
    return keys.flatMap { findings(ofKey: byKey[$0] ?? [], options) }
  }

  private func findings(ofKey calls: [RecordedCall], _ options: HistoryOptions) -> [CallFinding] {
    let answers = calls.compactMap { ConsistencyAnswer($0) }
    let found =
      revisions(answers) + provenance(answers, calls) + order(answers)
      + staleness.findings(in: answers)
    return found.isEmpty ? register(calls, options) : found
  }

  /// A revision has one value and a value one revision, whoever tells of them.
  private func revisions(_ answers: [ConsistencyAnswer]) -> [CallFinding] {
    var byValue: [HistoryValue: ConsistencyAnswer] = [:]
    var byRevision: [Int64: ConsistencyAnswer] = [:]
    return (answers.filter(\.isWrite) + answers.filter { !$0.isWrite }).compactMap { answer in
      if let other = byValue[answer.value], other.revision != answer.revision {
        return CallFinding("a value is found under another revision", [other, answer])
      }
      if let other = byRevision[answer.revision], other.value != answer.value {
        return CallFinding("two values are found under one revision", [other, answer])
      }
      byValue[answer.value] = answer
      byRevision[answer.revision] = answer
      return nil
    }
  }

  /// Every value was written, by a write that had begun.
  private func provenance(
    _ answers: [ConsistencyAnswer],
    _ calls: [RecordedCall]
  ) -> [CallFinding] {
    var begins: [HistoryValue: Int] = [:]
    for call in calls where call.function == "put" && call.ending != .fail {
      begins[call.argument] = call.instants.begin
    }
    return answers.compactMap { answer in
      guard !answer.isWrite, answer.value != .null,
        answer.end < begins[answer.value] ?? .max
      else { return nil }
      return CallFinding("a value is found that nobody can have written", [answer])
    }
  }

  /// Nobody finds what is too old, and no write goes to before what was there.
  private func order(_ answers: [ConsistencyAnswer]) -> [CallFinding] {
    var rest = answers.sorted { $0.end < $1.end }[...]
    var shown = Shown()
    return answers.flatMap { answer in
      while let first = rest.first, first.end < answer.call.instants.begin {
        rest.removeFirst()
        shown.keep(first)
      }
      return shown.findings(in: answer)
    }
  }

  /// The newest that had been shown before a call began.
  private struct Shown {
    private var byAny: ConsistencyAnswer?
    private var own: [HistoryValue: ConsistencyAnswer] = [:]

    mutating func keep(_ answer: ConsistencyAnswer) {
      Self.keep(answer, in: &byAny)
      Self.keep(answer, in: &own[answer.call.process])
    }

    private static func keep(_ answer: ConsistencyAnswer, in newest: inout ConsistencyAnswer?) {
      if answer.revision > newest?.revision ?? -1 { newest = answer }
    }

    func findings(in answer: ConsistencyAnswer) -> [CallFinding] {
      guard !answer.isWrite else {
        guard let byAny, byAny.revision >= answer.revision else { return [] }
        return [CallFinding("a write comes before what was there when it began", [byAny, answer])]
      }
      var findings: [CallFinding] = []
      if let newest = own[answer.call.process], newest.revision > answer.revision {
        let words = "a client finds less than it has seen itself"
        findings.append(CallFinding(words, [newest, answer]))
      }
      // Also what a stale read has shown was committed by then.
      if !answer.isStale, let byAny, byAny.revision > answer.revision {
        findings.append(CallFinding("a read is stale", [byAny, answer]))
      }
      return findings
    }
  }

  /// What values give away, which are unique: revisions are what the judged says of itself.
  private func register(_ calls: [RecordedCall], _ options: HistoryOptions) -> [CallFinding] {
    let calls = calls.filter { $0.function != "stale-get" }
    let operations = calls.map(Self.operation)
    let key = calls.first?.key?.description
    switch HistoryJudge(.kv, options: options).judge(operations) {
    case .linearizable: return []
    case .unknown(let reason):
      var finding = CallFinding(key: key, sentence: reason)
      finding.isCertain = false
      return [finding]
    case .notLinearizable(let finding):
      let lines = finding.operations.map { place in
        "process \(calls[place].process): \(operations[place].summary)"
      }
      return [CallFinding(key: key, sentence: finding.sentence, lines: lines)]
    }
  }

  private static func operation(_ call: RecordedCall) -> HistoryOperation {
    let function = HistoryFunction(rawValue: call.function) ?? .get
    let begin = call.instants.begin
    var process = 0
    if case .integer(let number) = call.process { process = Int(clamping: number) }
    var operation = HistoryOperation(function, call.argument, by: process, start: begin)
    operation.ending = call.ending
    operation.end = call.instants.end ?? HistoryOperation.never
    if function == .get, case .list(let parts) = call.result, let value = parts.first {
      operation.result = value
    }
    return operation
  }
}
