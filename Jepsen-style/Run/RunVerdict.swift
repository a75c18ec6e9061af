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

  /// Judges a file.
  package init(
    _ path: String,
    by judge: WorkloadJudge,
    withinSeconds limit: Int = 120
  ) throws(HarnessError) {
    let began = MonotonicClock.now()
    let isTimeOver = { @Sendable in MonotonicClock.now() - began > UInt64(limit) * 1_000_000 }
    switch judge {
    case .model(let model):
      var history = History(for: model)
      try Self.read(path) { event throws(HistoryError) in try history.add(event) }
      self.init(judging: history, as: model, isTimeOver)
    case .machine(let machine, let name):
      self.init(judging: try Self.recorded(path), by: machine, name, isTimeOver)
    case .own(let judge):
      var events: [HistoryEvent] = []
      try Self.read(path) { event throws(HistoryError) in events.append(event) }
      self.init(judging: RecordedCall.calls(of: events), by: judge)
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

  private init(
    judging history: History,
    as model: HistoryModel,
    _ isTimeOver: @escaping @Sendable () -> Bool
  ) {
    self.init(word: HistoryVerdict.linearizable.word, judge: model.rawValue)
    var options = HistoryOptions()
    options.isTimeOver = isTimeOver
    let judge = HistoryJudge(model, options: options)
    operations = history.operationCount
    keys = history.keys.count
    for part in history.keys {
      unknownOutcomes += part.unknownCount
      guard findings.count < Self.findingsMax else { continue }
      let done = part.operations
      let verdict = judge.judge(done)
      switch verdict {
      case .linearizable: continue
      case .unknown(let reason): add(verdict.word, part.key, reason, [])
      case .notLinearizable(let finding):
        let lines = finding.operations.map { place in
          let operation = done[place]
          return "process \(history.processes[operation.process]): \(operation.summary)"
        }
        add(verdict.word, part.key, finding.sentence, lines)
      }
    }
  }

  private static func recorded(_ path: String) throws(HarnessError) -> RecordedHistory {
    var history = RecordedHistory()
    var file = try FilePieces(path)
    while true {
      let piece = try file.next()
      do throws(HistoryError) {
        guard let piece else {
          try history.finish()
          return history
        }
        try history.read(piece)
      } catch {
        throw .file(path: path, reason: error.description)
      }
    }
  }

  private init(
    judging history: RecordedHistory,
    by machine: some Model,
    _ name: String,
    _ isTimeOver: @escaping @Sendable () -> Bool
  ) {
    self.init(word: HistoryVerdict.linearizable.word, judge: name)
    operations = history.operationCount
    switch history.check(machine, isTimeOver: isTimeOver) {
    case .linearizable: break
    case .unknown(let reason): add("unknown", nil, reason, [])
    case .notLinearizable(let example):
      let lines = example.description.split(separator: "\n").map(String.init)
      add("not_linearizable", example.key, lines[0], Array(lines.dropFirst()))
    }
  }

  private init(judging calls: [RecordedCall], by judge: any CallJudge) {
    findings = Array(judge.findings(in: calls).prefix(Self.findingsMax))
    word = findings.isEmpty ? "kept" : "broken"
    self.judge = judge.name
    operations = calls.count
    keys = Set(calls.map(\.key)).count
    unknownOutcomes = calls.count { $0.ending == .info || $0.ending == .invoke }
  }

  private mutating func add(
    _ word: String,
    _ key: HistoryValue?,
    _ sentence: String,
    _ lines: [String]
  ) {
    // What cannot be weighs more than what could not be told.
    if !isBad { self.word = word }
    findings.append(CallFinding(key: key?.description, sentence: sentence, lines: lines))
  }
}
