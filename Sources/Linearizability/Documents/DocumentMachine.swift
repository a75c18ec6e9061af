/// The store as one machine that does one thing at a time, all keys and their revisions in it.
///
/// The revision of a change that nobody saw the answer of stays open until somebody sees it, and
/// must then lie between those before and behind it.
package struct DocumentMachine: SequentialModel {
  /// What is asked.
  package struct Input: Sendable {
    let call: DocumentCall
  }

  /// What is answered.
  package struct Output: Sendable {
    let answer: DocumentCall.Answer
  }

  /// What it has in it.
  package struct State: Hashable, Sendable {
    fileprivate enum Mark: Hashable {
      /// A change; nil while nobody saw its revision.
      case change(UInt64?)
      /// Somebody had seen all changes up to this one.
      case stamp(UInt64)
    }

    fileprivate struct Item: Hashable {
      var value: HistoryValue
      /// The change, as a place in `marks`.
      var mark: Int
    }

    fileprivate var items: [[UInt8]: Item] = [:]
    fileprivate var marks: [Mark] = []
  }

  /// A store.
  package init() {}

  /// Nothing is in it.
  package var initial: State { State() }

  /// The operations of a history as a search takes them.
  package func recorded(
    _ operations: [HistoryOperation]
  ) -> (places: [Int], operations: [RecordedOperation<Input, Output>]) {
    let steps = DocumentHistory(operations).steps
    return (
      steps.map(\.operation),
      steps.map { step in
        RecordedOperation(
          input: Input(call: step.call),
          invoked: UInt64(step.start),
          ending: step.answer.map { .ok(Output(answer: $0), at: UInt64(step.end)) } ?? .info
        )
      }
    )
  }

  /// What is in it after an operation; nil if the answer is not the store's.
  package func step(_ state: State, _ input: Input, _ output: Output?) -> State? {
    var state = state
    let call = input.call
    let item = state.item(call.key)
    guard let answer = output?.answer else {
      guard let after = call.blindChange(item) else { return state }
      state.change(call.key, after, at: nil)
      return state
    }
    switch answer {
    case .items(let entries, let stamp):
      guard state.scan(call.action, entries), state.stamp(stamp) else { return nil }
      return state
    case .number(let wanted, let stamp):
      guard case .count(let span) = call.action, state.keys(in: span).count == wanted,
        state.stamp(stamp)
      else { return nil }
      return state
    case .found(let value, let revision):
      guard call.action == .get, item?.value == value, state.see(call.key, at: revision) else {
        return nil
      }
      return state
    case .conflict(let current?) where current > 0:
      guard state.see(call.key, at: current), call.fits(answer, state.item(call.key)) else {
        return nil
      }
      return state
    case .changed(let revision, _), .counted(_, let revision):
      // A condition that held has seen the revision that it names.
      switch call.action {
      case .replace(_, let expected?), .delete(let expected?):
        guard state.see(call.key, at: expected) else { return nil }
      case .get, .put, .insert, .replace, .delete, .increment, .scan, .count: break
      }
      guard call.fits(answer, state.item(call.key)), state.isNewest(revision) else { return nil }
      state.change(call.key, call.outcome(answer), at: revision)
      return state
    case .absent, .conflict: return call.fits(answer, item) ? state : nil
    }
  }
}

extension DocumentMachine.State {
  fileprivate func item(_ key: [UInt8]) -> DocumentItem? {
    guard let item = items[key], case .change(let revision) = marks[item.mark] else { return nil }
    return DocumentItem(value: item.value, revision: revision)
  }

  fileprivate func keys(in span: DocumentCall.KeySpan) -> [[UInt8]] {
    items.keys.filter { span.contains($0) }.sorted { $0.lexicographicallyPrecedes($1) }
  }

  fileprivate mutating func change(_ key: [UInt8], _ item: DocumentItem?, at revision: UInt64?) {
    marks.append(.change(revision))
    items[key] = item.map { Item(value: $0.value, mark: marks.count - 1) }
  }

  /// Whether a revision is behind all others that are known.
  fileprivate func isNewest(_ revision: UInt64) -> Bool {
    marks.allSatisfy { mark in
      switch mark {
      case .change(let known): known.map { $0 < revision } ?? true
      case .stamp(let known): known < revision
      }
    }
  }

  /// Somebody sees at which revision something is; false if it cannot be.
  fileprivate mutating func see(_ key: [UInt8], at revision: UInt64) -> Bool {
    guard let place = items[key]?.mark, case .change(let known) = marks[place] else { return false }
    if let known { return known == revision }
    for (other, mark) in marks.enumerated() where other != place {
      switch mark {
      case .change(let known?):
        guard other < place ? known < revision : known > revision else { return false }
      case .change: continue
      case .stamp(let known):
        guard other < place ? known < revision : known >= revision else { return false }
      }
    }
    marks[place] = .change(revision)
    return true
  }

  /// Somebody has seen all changes up to one; false if that cannot be.
  fileprivate mutating func stamp(_ stamp: UInt64?) -> Bool {
    guard let stamp else { return true }
    let isPossible = marks.allSatisfy { mark in
      switch mark {
      case .change(let known): known.map { $0 <= stamp } ?? true
      case .stamp(let known): known <= stamp
      }
    }
    marks.append(.stamp(stamp))
    return isPossible
  }

  fileprivate mutating func scan(
    _ action: DocumentCall.Action,
    _ entries: [DocumentCall.Entry]
  ) -> Bool {
    guard case .scan(let span, let order) = action else { return false }
    let all = order.isReversed ? keys(in: span).reversed() : keys(in: span)
    let wanted = all.prefix(order.limit ?? all.count)
    guard entries.map(\.key) == Array(wanted) else { return false }
    return entries.allSatisfy { items[$0.key]?.value == $0.value && see($0.key, at: $0.revision) }
  }
}
