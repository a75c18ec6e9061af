import Linearizability
import Transport

/// What is said of the history of a run.
package struct RunVerdict: Sendable {
  /// `linearizable`, `not_linearizable` or `unknown`; for a judge of our own `kept` or `broken`.
  package var word: String
  /// Who judged.
  package var judge: String
  /// How many operations there are.
  package var operations = 0
  /// How many keys.
  package var keys = 0
  /// Operations of which nobody knows whether they took effect.
  package var unknownOutcomes = 0
  /// Why it is no good verdict.
  package var findings: [CallFinding] = []
  /// How long judging took.
  package var seconds = 0.0

  /// Whether something was seen that cannot be.
  package var isBad: Bool { word == "not_linearizable" || word == "broken" }
  /// Whether there is a verdict.
  package var isKnown: Bool { word != "unknown" }
}

extension RunVerdict {
  /// A judge looks at no more than so many findings.
  private static let findingsMax = 20
  /// Nobody reads more lines of one finding; the last ones are those that end in what cannot be.
  private static let linesMax = 200
  /// What cannot be is made smaller for so long at least.
  private static let explanationMicroseconds: UInt64 = 5_000_000

  /// Judges a file.
  package init(
    _ path: String,
    by judge: WorkloadJudge,
    withinSeconds limit: Int = 120
  ) throws(HarnessError) {
    let began = MonotonicClock.now()
    let trial = KeyedTrial(
      limitMicroseconds: UInt64(limit) * 1_000_000,
      badMax: Self.findingsMax,
      now: { MonotonicClock.now() }
    )
    switch judge {
    case .model(let model):
      var history = History(for: model)
      try Self.read(path) { event throws(HistoryError) in try history.add(event) }
      self.init(judging: history, as: model, trial)
    case .machine(let machine, let name):
      self.init(judging: try RecordedKeys(path), by: machine, name, trial)
    case .own(let judge):
      var events: [HistoryEvent] = []
      try Self.read(path) { event throws(HistoryError) in events.append(event) }
      let end = began + UInt64(limit) * 1_000_000
      self.init(judging: RecordedCall.calls(of: events), by: judge) { MonotonicClock.now() >= end }
    }
    seconds = Double(MonotonicClock.now() - began) / 1e6
  }

  private static func read(
    _ path: String,
    _ take: (HistoryEvent) throws(HistoryError) -> Void
  ) throws(HarnessError) {
    var reader = HistoryReader()
    var file = try FilePieces(path)
    while true {
      let piece = try file.next()
      do throws(HistoryError) {
        let events =
          if let piece { try reader.read(piece) } else { try reader.finish() }
        for event in events { try take(event) }
      } catch {
        throw .file(path: path, reason: error.description)
      }
      if piece == nil { return }
    }
  }

  private init(judging history: History, as model: HistoryModel, _ trial: KeyedTrial) {
    self.init(word: HistoryVerdict.linearizable.word, judge: model.rawValue)
    operations = history.operationCount
    keys = history.keys.count
    unknownOutcomes = history.keys.reduce(0) { $0 + $1.unknownCount }
    var trial = trial
    trial.judge(history.keys) { part, isTimeOver in
      var options = HistoryOptions()
      options.isTimeOver = isTimeOver
      return Self.verdict(on: part, of: history, by: HistoryJudge(model, options: options))
    }
    take(trial)
  }

  private static func verdict(
    on part: History.OfKey,
    of history: History,
    by judge: HistoryJudge
  ) -> KeyedTrial.Verdict {
    let done = part.operations
    let key = part.key?.description
    switch judge.judge(done) {
    case .linearizable: return .fine
    case .unknown(let reason): return .unknown(CallFinding(key: key, sentence: reason))
    case .notLinearizable(let finding):
      let lines = finding.operations.map { place in
        let operation = done[place]
        return "process \(history.processes[operation.process]): \(operation.summary)"
      }
      return .bad(CallFinding(key: key, sentence: finding.sentence, lines: lines))
    }
  }

  private init(
    judging history: RecordedKeys,
    by machine: some Model,
    _ name: String,
    _ trial: KeyedTrial
  ) {
    self.init(word: HistoryVerdict.linearizable.word, judge: name)
    operations = history.parts.reduce(0) { $0 + $1.operationCount }
    keys = history.parts.count
    var trial = trial
    trial.judge(history.parts) { part, isTimeOver in
      let end = MonotonicClock.now() + Self.explanationMicroseconds
      let verdict = part.check(
        machine,
        isTimeOver: isTimeOver,
        isExplanationOver: { isTimeOver() && MonotonicClock.now() > end }
      )
      switch verdict {
      case .linearizable: return .fine
      case .unknown(let reason): return .unknown(CallFinding(key: nil, sentence: reason))
      case .notLinearizable(let example): return .bad(Self.finding(example))
      }
    }
    take(trial)
  }

  private static func finding(_ example: Counterexample) -> CallFinding {
    var lines = example.description.split(separator: "\n").map(String.init)
    let sentence = lines.removeFirst()
    let hidden = max(0, lines.count - linesMax)
    if hidden > 0 { lines[..<hidden] = ["  … \(hidden) operations before these"] }
    return CallFinding(key: example.key?.description, sentence: sentence, lines: lines)
  }

  /// What cannot be weighs more than what could not be told.
  private mutating func take(_ trial: KeyedTrial) {
    if !trial.bad.isEmpty {
      (word, findings) = ("not_linearizable", trial.bad)
    } else if !trial.unknown.isEmpty {
      (word, findings) = ("unknown", Array(trial.unknown.prefix(Self.findingsMax)))
    }
  }

  private init(
    judging calls: [RecordedCall],
    by judge: any CallJudge,
    isTimeOver: @escaping @Sendable () -> Bool
  ) {
    let all = judge.findings(in: calls, isTimeOver: isTimeOver)
    let broken = all.filter(\.isCertain)
    word = !broken.isEmpty ? "broken" : all.isEmpty ? "kept" : "unknown"
    findings = Array((broken.isEmpty ? all : broken).prefix(Self.findingsMax))
    self.judge = judge.name
    operations = calls.count
    keys = Set(calls.map(\.key)).count
    unknownOutcomes = calls.count { $0.ending == .info || $0.ending == .invoke }
  }
}
