/// Judges a history of documents twice: in the order that the revisions name, and, because a judge
/// must not trust what it judges, by values alone.
struct DocumentTrial {
  /// The search by values looks at so many events for each operation of a key, and some more.
  private static let stepsPerOperation = 50
  private static let stepsMin = 20_000

  /// What is said without the revisions.
  private enum ValuesVerdict {
    /// The values of each key fit an order.
    case fitting
    /// Those of some key fit none.
    case refused(HistoryFinding)
    /// Of some key it was not found out, and of none that they fit none.
    case unknown

    /// The verdict in words, for people who are told what the revisions say.
    var sentence: String {
      switch self {
      case .fitting: "Key by key, its values alone do not contradict each other"
      case .refused: "Its values alone fit no order"
      case .unknown: "Whether its values alone fit an order was not found out"
      }
    }
  }

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
    let values = judgeByValues()
    switch verdict {
    case .linearizable, .unknown:
      guard case .refused(let finding) = values else { return verdict }
      return .notLinearizable(finding)
    case .notLinearizable(var finding):
      finding.sentence += ". " + values.sentence
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

  /// Key by key, up to the first whose values fit no order.
  private func judgeByValues() -> ValuesVerdict {
    var steps = [[Int]](repeating: [], count: history.keys.count)
    for (number, step) in history.steps.enumerated() {
      switch step.call.action {
      case .scan, .count: continue
      case .get, .put, .insert, .replace, .delete, .increment: steps[step.key].append(number)
      }
    }
    var verdict = ValuesVerdict.fitting
    for numbers in steps {
      let limit = Self.stepsMin + Self.stepsPerOperation * numbers.count
      let search = LinearizabilitySearch(
        DocumentValues(),
        stepsMax: limit,
        isTimeOver: options.isTimeOver
      )
      switch search.judge(numbers.map { recorded(history.steps[$0]) }) {
      case .linearizable: continue
      case .unknown: verdict = .unknown
      case .notLinearizable(let contradiction):
        let stuck = history.steps[numbers[contradiction.stuck]].operation
        let sentence = "\(history.operations[stuck].summary) fits no order of the key's values"
        return .refused(HistoryFinding(sentence, operations: [stuck]))
      }
    }
    return verdict
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
