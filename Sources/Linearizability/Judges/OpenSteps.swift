/// The operations that are open at some instant of a register's history, each in a slot, and what
/// they can do to it.
struct OpenSteps {
  /// An operation begins or ends.
  struct Event {
    let step: Int
    let isEnd: Bool
  }

  /// So many states are compared with each other at most.
  private static let comparedMax = 1_024
  /// The time is asked for once in so many states.
  private static let stride = 256

  /// All events in order; one whose end nobody saw has none.
  let events: [Event]

  private let steps: [RegisterHistory.Step]
  private let ends: [Int]
  /// By value: the last end of an operation that has to find it.
  private let lastWanted: [Int]
  private var slots: [Int?] = []
  private var spareSlots: [Int] = []
  private var slotOfStep: [Int]
  private var now = 0
  /// Masks of the slots of each kind.
  private var looking = OperationSet(capacity: 64)
  private var writing = OperationSet(capacity: 64)
  private var swapping = OperationSet(capacity: 64)
  private var endless = OperationSet(capacity: 64)

  init(_ history: RegisterHistory) {
    steps = history.steps
    ends = steps.map { history.operations[$0.operation].end }
    slotOfStep = [Int](repeating: 0, count: steps.count)
    var lastWanted = [Int](repeating: -1, count: history.values.count)
    var isDifferenceWanted = false
    for (place, step) in steps.enumerated() {
      switch step.action {
      case .read(let value), .swap(let value, _):
        lastWanted[value] = max(lastWanted[value], ends[place])
      case .differ: isDifferenceWanted = true
      case .write: break
      }
    }
    if isDifferenceWanted { lastWanted = lastWanted.map { _ in HistoryOperation.never } }
    self.lastWanted = lastWanted
    var dated: [(instant: Int, event: Event)] = []
    for (place, step) in steps.enumerated() {
      let start = history.operations[step.operation].start
      if ends[place] == HistoryOperation.never {
        // What nobody knows of, and nobody can want to see any more, may as well not be.
        guard let value = step.action.outcome, lastWanted[value] > start else { continue }
      } else {
        dated.append((ends[place], Event(step: place, isEnd: true)))
      }
      dated.append((start, Event(step: place, isEnd: false)))
    }
    events = dated.sorted { $0.instant < $1.instant }.map(\.event)
  }

  /// The slot of an open operation.
  func slot(of step: Int) -> Int { slotOfStep[step] }

  /// Opens an operation; its slot.
  mutating func begin(_ step: Int) -> Int {
    let slot = spareSlots.popLast() ?? slots.count
    if slot == slots.count { slots.append(nil) }
    slots[slot] = step
    slotOfStep[step] = slot
    switch steps[step].action {
    case .read, .differ: looking.insert(slot)
    case .write: writing.insert(slot)
    case .swap: swapping.insert(slot)
    }
    if ends[step] == HistoryOperation.never { endless.insert(slot) }
    return slot
  }

  /// Closes an operation.
  mutating func end(_ step: Int) {
    let slot = slotOfStep[step]
    now = ends[step]
    slots[slot] = nil
    spareSlots.append(slot)
    looking.remove(slot)
    writing.remove(slot)
    swapping.remove(slot)
  }

  /// Whether an operation only looks, and wants to see no more than this value.
  func isContent(_ step: Int, with seen: Int) -> Bool {
    switch steps[step].action {
    case .read(let value): value == seen
    case .differ(let value): value != seen
    case .write, .swap: false
    }
  }

  /// Whether anybody may have to see what a write leaves, now or later.
  func isWanted(_ step: Int) -> Bool {
    steps[step].action.outcome.map { lastWanted[$0] > now } ?? false
  }

  /// The states in which an operation has just taken effect, with few other changes first; and
  /// whether some are left out, as more than `statesMax` lie on the way or the time is over.
  func ways(
    from state: RegisterState,
    to step: Int,
    statesMax: Int,
    _ isTimeOver: () -> Bool
  ) -> (states: [RegisterState], isCut: Bool, isTimeOver: Bool) {
    var found: [RegisterState] = []
    var seen: Set<RegisterState> = [state]
    var waiting = [state]
    var place = 0
    while place < waiting.count {
      guard place <= statesMax else { return (found, true, false) }
      if place % Self.stride == Self.stride - 1, isTimeOver() { return (found, true, true) }
      let state = waiting[place]
      place += 1
      if let next = effect(of: step, on: state) { found.append(next) }
      for change in changes(from: state) where change != step {
        guard let next = effect(of: change, on: state),
          isDuty(change) || isUseful(next, after: state)
        else { continue }
        if next.done.contains(slotOfStep[step]) {
          found.append(next)
        } else if seen.insert(next).inserted {
          waiting.append(next)
        }
      }
    }
    return (found, false, false)
  }

  /// How many operations whose end nobody saw took effect in a state.
  func endlessCount(in state: RegisterState) -> Int {
    state.done.words.indices.reduce(0) {
      $0 + (state.done.words[$1] & endless.word($1)).nonzeroBitCount
    }
  }

  /// The open changes, of those to equal effect only the one that ends first.
  private func changes(from state: RegisterState) -> [Int] {
    var best: [RegisterHistory.Action: Int] = [:]
    for case let step? in slots where !state.done.contains(slotOfStep[step]) {
      switch steps[step].action {
      case .write: break
      case .swap(let from, _): guard from == state.value else { continue }
      case .read, .differ: continue
      }
      let action = steps[step].action
      guard let other = best[action] else {
        best[action] = step
        continue
      }
      if (ends[step], step) < (ends[other], other) { best[action] = step }
    }
    return best.values.sorted()
  }

  /// Whether it took effect for certain, and can only while its comparison holds.
  private func isDuty(_ step: Int) -> Bool {
    guard case .swap = steps[step].action else { return false }
    return ends[step] != HistoryOperation.never
  }

  /// Whether somebody open wanted this change: a reader now content, or a comparison that holds.
  private func isUseful(_ next: RegisterState, after: RegisterState) -> Bool {
    for place in 0..<(slots.count + 63) / 64
    where (next.done.word(place) & ~after.done.word(place)) & looking.word(place) != 0 {
      return true
    }
    for case let other? in slots where !next.done.contains(slotOfStep[other]) {
      if case .swap(let from, _) = steps[other].action, from == next.value { return true }
    }
    return false
  }

  /// The state after an operation took effect; nil if it cannot.
  private func effect(of step: Int, on state: RegisterState) -> RegisterState? {
    guard !state.done.contains(slotOfStep[step]) else { return nil }
    var next = state
    switch steps[step].action {
    case .read(let value):
      guard value == state.value else { return nil }
    case .differ(let value):
      guard value != state.value else { return nil }
    case .write(let value):
      next.value = value
      next.free.formUnion(writing)
    case .swap(let from, let to):
      guard from == state.value else { return nil }
      next.value = to
    }
    next.done.insert(slotOfStep[step])
    next.free.remove(slotOfStep[step])
    for case let other? in slots where isContent(other, with: next.value) {
      next.done.insert(slotOfStep[other])
    }
    for place in next.done.words.indices { next.free.subtract(next.done.word(place), at: place) }
    return next
  }

  /// The states without those that another one makes needless.
  func withoutNeedless(_ states: [RegisterState]) -> [RegisterState] {
    guard states.count > 1, states.count <= Self.comparedMax else { return states }
    return states.filter { state in
      !states.contains { other in
        other.value == state.value && other != state && isAtLeast(other, state)
          && !isAtLeast(state, other)
      }
    }
  }

  /// Whether one state has all choices of the other, and no duty more.
  private func isAtLeast(_ one: RegisterState, _ other: RegisterState) -> Bool {
    for place in 0..<(slots.count + 63) / 64 {
      let (done, otherDone) = (one.done.word(place), other.done.word(place))
      let (free, otherFree) = (one.free.word(place), other.free.word(place))
      let endless = endless.word(place)
      let bound = ~endless
      if otherDone & ~done & looking.word(place) != 0 { return false }
      let changing = writing.word(place) | swapping.word(place)
      if done & ~otherDone & changing & endless != 0 { return false }
      if (done ^ otherDone) & swapping.word(place) & bound != 0 { return false }
      let differs = (done ^ otherDone) | (free ^ otherFree)
      if differs & ~free & writing.word(place) & bound != 0 { return false }
    }
    return true
  }
}

extension RegisterHistory.Action {
  /// What the register holds after a change.
  var outcome: Int? {
    switch self {
    case .write(let value), .swap(_, let value): value
    case .read, .differ: nil
    }
  }
}
