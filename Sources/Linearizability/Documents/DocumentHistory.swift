/// The operations of the store in the form in which the judge wants them: parsed, in the order in
/// which they began, keys as numbers in order of their bytes, and nothing that says nothing.
struct DocumentHistory {
  /// One operation that matters.
  struct Step {
    let call: DocumentCall
    /// Nil if nobody knows what came of it.
    let answer: DocumentCall.Answer?
    /// The number of its key; 0 where it has none.
    let key: Int
    let start: Int
    let end: Int
    /// Its place in the array that is judged.
    let operation: Int

    /// The revision of its change, where it is known to have changed something.
    var revision: UInt64? { answer?.changeRevision }
    /// Whether it is a change that may have happened or not.
    var isHidden: Bool { answer == nil }
  }

  let operations: [HistoryOperation]
  private(set) var steps: [Step] = []
  /// In order of their bytes.
  private(set) var keys: [[UInt8]] = []

  init(_ operations: [HistoryOperation]) {
    self.operations = operations
    var parsed: [(call: DocumentCall, answer: DocumentCall.Answer?, place: Int)] = []
    for (place, operation) in operations.enumerated() where operation.ending != .fail {
      guard let call = try? DocumentCall(operation.function, operation.argument),
        operation.isOK || !call.isQuestion
      else { continue }
      let answer =
        operation.isOK
        ? try? DocumentCall.answer(to: operation.function, operation.result) : nil
      parsed.append((call, answer, place))
    }
    keys = Self.keys(of: parsed.map { ($0.call, $0.answer) })
    for (call, answer, place) in parsed {
      steps.append(
        Step(
          call: call,
          answer: answer,
          key: number(of: call.key) ?? 0,
          start: operations[place].start,
          end: operations[place].end,
          operation: place
        )
      )
    }
  }

  private static func keys(of calls: [(DocumentCall, DocumentCall.Answer?)]) -> [[UInt8]] {
    var keys: Set<[UInt8]> = []
    for (call, answer) in calls {
      switch call.action {
      case .scan, .count: break
      case .get, .put, .insert, .replace, .delete, .increment: keys.insert(call.key)
      }
      guard case .items(let entries, _)? = answer else { continue }
      for entry in entries { keys.insert(entry.key) }
    }
    return keys.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// The number of a key.
  func number(of key: [UInt8]) -> Int? {
    let place = firstPlace(notBefore: key)
    return place < keys.count && keys[place] == key ? place : nil
  }

  /// The numbers of the keys of a span.
  func numbers(of span: DocumentCall.KeySpan) -> Range<Int> {
    let first = span.from.map { firstPlace(notBefore: $0) } ?? 0
    let end = span.to.map { firstPlace(notBefore: $0) } ?? keys.count
    return first..<max(first, end)
  }

  private func firstPlace(notBefore key: [UInt8]) -> Int {
    var (low, high) = (0, keys.count)
    while low < high {
      let middle = (low + high) / 2
      if keys[middle].lexicographicallyPrecedes(key) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
