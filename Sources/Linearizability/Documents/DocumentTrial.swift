/// Judges a history of documents twice: in the order that the revisions name, and, because a judge
/// must not trust what it judges, by values alone.
struct DocumentTrial {
  /// The search by values looks at so many events for each operation of a key, and some more.
  private static let stepsPerOperation = 50
  private static let stepsMin = 20_000

  private let history: DocumentHistory
  private let options: HistoryOptions

  init(_ operations: [HistoryOperation], options: HistoryOptions) {
    history = DocumentHistory(operations)
    self.options = options
  }

  /// An order that is found in the revisions is carried out before it is believed, and so is proof
  /// enough; values alone can only say no, or say whether the revisions are all that is wrong.
  func judge() -> HistoryVerdict {
    let verdict = judgeByRevisions()
    let refusal = refusalByValues()
    switch verdict {
    case .linearizable, .unknown:
      guard let refusal else { return verdict }
      return .notLinearizable(refusal)
    case .notLinearizable(let finding):
      var finding = finding
      finding.sentence +=
        refusal == nil
        ? ". Its values alone do not contradict each other" : ". Its values alone fit no order"
      return .notLinearizable(finding)
    }
  }

  private func judgeByRevisions() -> HistoryVerdict {
    do {
      var judge = try DocumentJudge(history, options: options)
      return judge.judge()
    } catch {
      let told = error.steps.map { history.operations[history.steps[$0].operation].summary }
      return .notLinearizable(
        HistoryFinding(
          "\(error.sentence): \(told.joined(separator: " and "))",
          operations: error.steps.map { history.steps[$0].operation }
        )
      )
    }
  }

  /// The first key whose values fit no order; nil too where the search gave up.
  func refusalByValues() -> HistoryFinding? {
    var steps = [[Int]](repeating: [], count: history.keys.count)
    for (number, step) in history.steps.enumerated() {
      switch step.call.action {
      case .scan, .count: continue
      case .get, .put, .insert, .replace, .delete, .increment: steps[step.key].append(number)
      }
    }
    for numbers in steps {
      let limit = Self.stepsMin + Self.stepsPerOperation * numbers.count
      let search = LinearizabilitySearch(
        DocumentValues(),
        stepsMax: limit,
        isTimeOver: options.isTimeOver
      )
      guard
        case .notLinearizable(let contradiction) = search.judge(
          numbers.map { recorded(history.steps[$0]) }
        )
      else { continue }
      let stuck = history.steps[numbers[contradiction.stuck]].operation
      return HistoryFinding(
        "\(history.operations[stuck].summary) fits no order of the key's values",
        operations: [stuck]
      )
    }
    return nil
  }

  private func recorded(
    _ step: DocumentHistory.Step
  ) -> RecordedOperation<DocumentCall, DocumentCall.Answer> {
    RecordedOperation(
      input: step.call,
      invoked: UInt64(step.start),
      ending: step.answer.map { .ok($0, at: UInt64(step.end)) } ?? .info
    )
  }
}
