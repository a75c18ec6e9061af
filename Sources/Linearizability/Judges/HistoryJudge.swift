/// Judges what was done to one key.
package struct HistoryJudge {
  /// The search looks at no more events than this.
  private static let stepsMax = 200_000_000

  let model: HistoryModel
  let options: HistoryOptions

  /// A judge for a model's histories.
  package init(_ model: HistoryModel, options: HistoryOptions = HistoryOptions()) {
    self.model = model
    self.options = options
  }

  /// The quickest exact judgement that the operations allow.
  package func judge(_ operations: [HistoryOperation]) -> HistoryVerdict {
    if options.isSearchOnly { return search(operations) }
    switch model {
    case .register, .casRegister, .kv:
      return RegisterJudge(operations, options: options).judge()
    case .append: return judgeText(operations)
    case .set: return judgeSet(operations)
    case .listAppend: return judgeLists(operations)
    case .bank: return search(operations)
    case .document: return DocumentTrial(operations, options: options).judge()
    }
  }

  private func judgeLists(_ operations: [HistoryOperation]) -> HistoryVerdict {
    var judge = ListAppendJudge(operations, options: options)
    switch judge.judge() {
    case .decided(let verdict): return verdict
    case .undecided(let why):
      let verdict = search(operations)
      if case .unknown(let reason) = verdict { return .unknown("\(why); \(reason)") }
      return verdict
    }
  }

  private func judgeText(_ operations: [HistoryOperation]) -> HistoryVerdict {
    guard var blocks = AppendBlocks(operations, nullReads: options.nullReads) else {
      return search(operations)
    }
    switch blocks.assemble() {
    case .ambiguous: return search(operations)
    case .impossible(let finding): return .notLinearizable(finding)
    case .assembled:
      let order = BlockOrder(blocks.blocks, of: operations, beginsFirst: true)
      guard let conflict = order.conflict() else { return .linearizable }
      return .notLinearizable(conflict.finding(in: operations))
    }
  }

  private func judgeSet(_ operations: [HistoryOperation]) -> HistoryVerdict {
    guard var judge = SetJudge(operations, nullReads: options.nullReads) else {
      return search(operations)
    }
    return judge.judge()
  }

  /// By search alone: exact too, and slow where many operations overlap.
  package func search(_ operations: [HistoryOperation]) -> HistoryVerdict {
    if model == .document {
      let machine = DocumentMachine()
      let (places, recorded) = machine.recorded(operations)
      return search(recorded, of: machine, places, operations)
    }
    let machine = HistoryMachine(model, options: options)
    let (places, recorded) = machine.recorded(operations)
    return search(recorded, of: machine, places, operations)
  }

  private func search<Machine: SequentialModel>(
    _ recorded: [RecordedOperation<Machine.Input, Machine.Output>],
    of machine: Machine,
    _ places: [Int],
    _ operations: [HistoryOperation]
  ) -> HistoryVerdict {
    let search = LinearizabilitySearch(
      machine,
      stepsMax: Self.stepsMax,
      isTimeOver: options.isTimeOver
    )
    switch search.judge(recorded) {
    case .linearizable: return .linearizable
    case .unknown(let steps): return .unknown("no verdict after \(steps) steps of the search")
    case .notLinearizable(let contradiction):
      let stuck = places[contradiction.stuck]
      return .notLinearizable(
        HistoryFinding(
          "\(operations[stuck].summary) fits no order; the longest that was found "
            + "has \(contradiction.longestOrder.count) operations",
          operations: [stuck]
        )
      )
    }
  }
}
