/// Judges `register`, `cas-register` and each key of `kv`.
struct RegisterJudge {
  private let history: RegisterHistory
  private let options: HistoryOptions

  init(_ operations: [HistoryOperation], options: HistoryOptions) {
    history = RegisterHistory(operations, options: options)
    self.options = options
  }

  /// By blocks where values are unique, otherwise by search.
  func judge() -> HistoryVerdict {
    guard var blocks = RegisterBlocks(history) else { return search() }
    if let finding = blocks.assemble() { return .notLinearizable(finding) }
    let order = BlockOrder(blocks.blocks, of: history.operations, beginsFirst: true)
    if let conflict = order.conflict() {
      return .notLinearizable(conflict.finding(in: history.operations))
    }
    let isAllSaid = !history.steps.contains { step in
      if case .differ = step.action { return true }
      return false
    }
    return isAllSaid ? .linearizable : search()
  }

  private func search() -> HistoryVerdict {
    var search = RegisterSearch(history, options: options)
    return search.judge()
  }
}
