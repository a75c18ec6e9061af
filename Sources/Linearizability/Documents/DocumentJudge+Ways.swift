extension DocumentJudge {
  /// What is under a key.
  func item(_ key: Int, in state: DocumentState) -> DocumentItem? {
    if let override = state.override(of: key) { return override.item }
    guard let entry = timeline.last(ofKey: key, before: state.position) else { return nil }
    return entry.value.map { DocumentItem(value: $0, revision: entry.revision) }
  }

  /// Whether an answer that changed nothing is right in a state.
  func isRight(_ number: Int, in state: DocumentState) -> Bool {
    let step = history.steps[number]
    guard let answer = step.answer, isAsOf(answer.stamp, state) else { return false }
    switch answer {
    case .items:
      guard let scan = scans[number] else { return false }
      return scan.excess(in: { item($0, in: state) })?.isEmpty ?? false
    case .number(let wanted, _):
      return scans[number].map { present(in: $0.keys, state) == wanted } ?? false
    case .found, .absent, .changed, .counted, .conflict:
      return step.call.fits(answer, item(step.key, in: state))
    }
  }

  private func isAsOf(_ stamp: UInt64?, _ state: DocumentState) -> Bool {
    stamp.map { timeline.count(upTo: $0) == state.position } ?? true
  }

  private func present(in keys: Range<Int>, _ state: DocumentState) -> Int {
    keys.count { item($0, in: state) != nil }
  }

  /// The states in which a question has been answered.
  func waysToAnswer(_ number: Int, _ slot: Int, from state: DocumentState) -> [DocumentState] {
    let keys = keys(of: number)
    var found: [DocumentState] = []
    var seen: Set<DocumentState> = [state]
    var waiting = [state]
    while effort.allowsOne(), let state = waiting.popLast() {
      if state.answered.contains(slot) {
        found.append(state)
        continue
      }
      let next = answering(keys, in: state).dropFirst() + waysOn(from: state)
      waiting += next.filter { seen.insert($0).inserted }
    }
    return found
  }

  private func keys(of number: Int) -> Range<Int> {
    let key = history.steps[number].key
    return scans[number]?.keys ?? key..<(key + 1)
  }

  /// A state, and those in which open questions about some keys have been answered, as only
  /// changes of unknown outcome could make them right.
  ///
  /// It is now or never for them: what is under these keys is about to change. And what helps one
  /// of them may be in the way of another, so that this is asked of all whose keys touch.
  private func answering(_ keys: Range<Int>, in state: DocumentState) -> [DocumentState] {
    let keys = widened(keys, in: state)
    var states = [state]
    var seen: Set<DocumentState> = [state]
    var place = 0
    while place < states.count, effort.allowsOne() {
      for next in answeringOne(keys, in: states[place]) where seen.insert(next).inserted {
        states.append(next)
      }
      place += 1
    }
    return states
  }

  /// Some keys, and those of all open questions about one of them, and so on.
  private func widened(_ keys: Range<Int>, in state: DocumentState) -> Range<Int> {
    var wide = keys
    var isWhole = false
    while !isWhole {
      isWhole = true
      for (slot, number) in slots.enumerated() where !state.answered.contains(slot) {
        guard let number, isConcerned(number, by: wide) else { continue }
        let next = Self.hull(wide, self.keys(of: number))
        isWhole = isWhole && next == wide
        wide = next
      }
    }
    return wide
  }

  private static func hull(_ one: Range<Int>, _ other: Range<Int>) -> Range<Int> {
    if one.isEmpty || other.isEmpty { return one.isEmpty ? other : one }
    return min(one.lowerBound, other.lowerBound)..<max(one.upperBound, other.upperBound)
  }

  /// Whether a question is about some keys, or about all that is there.
  private func isConcerned(_ number: Int, by keys: Range<Int>) -> Bool {
    scans[number]?.isStamped ?? false || keys.overlaps(self.keys(of: number))
  }

  private func answeringOne(_ keys: Range<Int>, in state: DocumentState) -> [DocumentState] {
    slots.enumerated().flatMap { slot, number -> [DocumentState] in
      guard let number, !state.answered.contains(slot), isConcerned(number, by: keys) else {
        return []
      }
      return waysNow(to: number, from: state).map { with(slot, answeredIn: $0) }
    }
  }

  private func with(_ slot: Int, answeredIn state: DocumentState) -> DocumentState {
    var state = state
    state.answered.insert(slot)
    return state
  }

  /// The states in which all revisions up to a place are there.
  func ways(beyond place: Int, from state: DocumentState) -> [DocumentState] {
    var states = [state]
    while states.contains(where: { $0.position <= place }) {
      guard effort.allowsOne() else { return [] }
      states = states.flatMap { $0.position <= place ? waysOn(from: $0) : [$0] }
    }
    return states
  }

  /// The states in which one revision more is there.
  private func waysOn(from state: DocumentState) -> [DocumentState] {
    guard state.position < timeline.entries.count else { return [] }
    let entry = timeline.entries[state.position]
    if entry.isStamp {
      return answering(0..<0, in: state).map { state in
        var state = state
        state.position += 1
        settle(nil, in: &state)
        return state
      }
    }
    guard let writer = entry.writer else {
      return answering(entry.key..<(entry.key + 1), in: state)
        .flatMap { waysOn(from: $0, unanswered: entry) }
    }
    guard hasBegun[writer], let answer = history.steps[writer].answer else { return [] }
    let call = history.steps[writer].call
    return answering(entry.key..<(entry.key + 1), in: state).flatMap { state in
      reach(entry.key, from: state, isDeep: call.counts) { call.fits(answer, $0) }
    }.map { state in
      var state = state
      state.position += 1
      state.clear(entry.key)
      settle(entry.key, in: &state)
      return state
    }
  }

  /// The same where nobody saw the answer of the change that made the revision.
  private func waysOn(
    from state: DocumentState,
    unanswered entry: DocumentTimeline.Entry
  ) -> [DocumentState] {
    candidates(entry.key, in: state).flatMap { number in
      let call = history.steps[number].call
      func outcome(_ item: DocumentItem?) -> DocumentItem? {
        guard let after = call.blindChange(item)?.map({ $0 }) else { return nil }
        return entry.value == nil || entry.value == after.value ? after : nil
      }
      return reach(entry.key, from: state, isDeep: call.counts) { outcome($0) != nil }
        .compactMap { (state: DocumentState) -> DocumentState? in
          // On the way there the first of several equal changes may have been used.
          let equal = candidates(entry.key, in: state)
            .first { history.steps[$0].call.action == call.action }
          guard let equal else { return nil }
          var state = state
          let value = outcome(item(entry.key, in: state))?.value ?? .null
          state.used.insert(equal)
          state.position += 1
          state.set(entry.key, DocumentItem(value: value, revision: entry.revision))
          if entry.value != nil { state.clear(entry.key) }
          settle(entry.key, in: &state)
          return state
        }
    }
  }

  /// The states, without another revision, in which an answer is right.
  private func waysNow(to number: Int, from state: DocumentState) -> [DocumentState] {
    let step = history.steps[number]
    guard let answer = step.answer, isAsOf(answer.stamp, state) else { return [] }
    switch answer {
    case .items:
      guard let excess = scans[number]?.excess(in: { item($0, in: state) }) else { return [] }
      return excess.reduce([state]) { states, key in
        states.flatMap { reach(key, from: $0, isDeep: false) { $0 == nil } }
      }
    case .number(let wanted, _):
      guard let keys = scans[number]?.keys, wanted >= 0, wanted <= keys.count else { return [] }
      return waysToCount(wanted - present(in: keys, state), more: keys, from: state)
    case .found: return isRight(number, in: state) ? [state] : []
    case .absent, .changed, .counted, .conflict:
      return reach(step.key, from: state, isDeep: step.call.counts) { step.call.fits(answer, $0) }
    }
  }

  /// The states with so many items more, or fewer, under some keys.
  private func waysToCount(
    _ difference: Int,
    more keys: Range<Int>,
    from state: DocumentState
  ) -> [DocumentState] {
    guard difference != 0 else { return [state] }
    guard effort.allowsOne() else { return [] }
    return keys.flatMap { key -> [DocumentState] in
      guard !hidden[key].isEmpty, (item(key, in: state) == nil) == (difference > 0) else {
        return []
      }
      return reach(key, from: state, isDeep: false) { ($0 != nil) == (difference > 0) }.flatMap {
        waysToCount(
          difference - difference.signum(),
          more: (key + 1)..<max(key + 1, keys.upperBound),
          from: $0
        )
      }
    }
  }

  /// The states in which what is under a key is right, as changes of unknown outcome can make it.
  ///
  /// One of them is enough to make it present or absent, or to change its revision; numbers may
  /// take several.
  private func reach(
    _ key: Int,
    from state: DocumentState,
    isDeep: Bool,
    _ isRight: (DocumentItem?) -> Bool
  ) -> [DocumentState] {
    if isRight(item(key, in: state)) { return [state] }
    var found: [DocumentState] = []
    var seen: Set<DocumentState> = []
    var waiting = [state]
    while effort.allowsOne(), let state = waiting.popLast() {
      let item = item(key, in: state)
      for number in candidates(key, in: state) {
        guard let after = history.steps[number].call.blindChange(item) else { continue }
        var next = state
        next.used.insert(number)
        next.set(key, after)
        settle(key, in: &next)
        if isRight(after) {
          found.append(next)
        } else if isDeep, seen.insert(next).inserted {
          waiting.append(next)
        }
      }
    }
    return found
  }

  /// The changes of unknown outcome that may take effect on a key, of equal ones the first.
  private func candidates(_ key: Int, in state: DocumentState) -> [Int] {
    var actions: Set<DocumentCall.Action> = []
    return hidden[key].filter {
      !state.used.contains($0) && actions.insert(history.steps[$0].call.action).inserted
    }
  }

  /// Answers the open questions that can be answered after a change of a key.
  private func settle(_ key: Int?, in state: inout DocumentState) {
    for (slot, number) in slots.enumerated() where !state.answered.contains(slot) {
      guard let number else { continue }
      let isConcerned =
        scans[number].map { scan in scan.isStamped || key.map { scan.keys.contains($0) } ?? false }
        ?? (history.steps[number].key == key)
      if isConcerned, isRight(number, in: state) { state.answered.insert(slot) }
    }
  }
}

extension DocumentCall {
  /// Whether its answer depends on a number.
  fileprivate var counts: Bool {
    if case .increment = action { return true }
    return false
  }
}
