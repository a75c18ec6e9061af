// A condition on a revision that nobody saw did not hold (docs/formats/history.md). Where answers
// are given up, so are the revisions that they alone have shown, and the conditions on them: else
// fewer known outcomes would allow less.
extension [HistoryOperation] {
  /// The operations without conditions on revisions that others had shown and these do not.
  func withoutConditions(onRevisionsOf others: [HistoryOperation]) -> [HistoryOperation] {
    guard others.contains(where: { $0.condition != nil }) else { return self }
    let lost = Set(others.flatMap(\.shownRevisions)).subtracting(flatMap(\.shownRevisions))
    return map { operation in
      guard let condition = operation.condition, lost.contains(condition) else { return operation }
      return operation.withoutCondition()
    }
  }
}

extension HistoryOperation {
  private static var conditionName: [UInt8] { Array("ifRevision".utf8) }

  /// The revision that it took effect at only, if it did; nil if it names none, or was refused.
  fileprivate var condition: UInt64? {
    guard function == .replace || function == .delete,
      let call = try? DocumentCall(function, argument)
    else { return nil }
    if isOK, case .conflict? = try? DocumentCall.answer(to: function, result) { return nil }
    return switch call.action {
    case .replace(_, let revision), .delete(let revision): revision
    case .get, .put, .insert, .increment, .scan, .count: nil
    }
  }

  /// What its answer shows to have been there.
  fileprivate var shownRevisions: [UInt64] {
    guard isOK, let answer = try? DocumentCall.answer(to: function, result) else { return [] }
    return switch answer {
    case .found(_, let revision), .changed(let revision, _), .counted(_, let revision): [revision]
    case .conflict(let revision): revision.map { [$0] } ?? []
    case .items(let entries, _): entries.map(\.revision)
    case .absent, .number: []
    }
  }

  fileprivate func withoutCondition() -> HistoryOperation {
    guard case .list(let parts) = argument, parts.count == 2, case .fields(let fields) = parts[1]
    else { return self }
    var operation = self
    let kept = fields.filter { $0.name != Self.conditionName }
    operation.argument = .list([parts[0], kept.isEmpty ? .null : .fields(kept)])
    return operation
  }
}
