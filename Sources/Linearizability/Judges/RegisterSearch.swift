/// Judges a register whose values repeat: follows all states in which it can be, event by event.
///
/// A state of the search is what the register holds and which open operations have taken effect.
/// Four facts keep them few; none of them loses an order that explains the history.
/// - An operation takes effect at the latest possible instant: just before some operation ends, as
///   the last but for that one (Lowe, "Testing for Linearizability", 2017, §3.2). So nothing is
///   decided when an operation begins.
/// - A read takes effect as soon as its value is there: it changes nothing.
/// - A write may take effect unseen, just before another write. So once one took effect while it
///   was open it is *free*: it may count as done, or still come. A change that nobody waits to see
///   can therefore be left out of the way to one that somebody does.
/// - Of open writes of one value, the one that ends first is used: whatever the other could do
///   later, it can do as well. And of two states, the one that has all choices of the other, and
///   no duty more, is enough.
///
/// Compare-and-sets of unknown outcome stay open for ever, and which of them took effect can
/// make states many all the same. So the history is followed with few states at first, those
/// in which the fewest such took effect, and with more where that does not do: an order that is
/// found is one, whatever was left out on the way, and that there is none is only said if nothing
/// was left out.
struct RegisterSearch {
  private typealias Action = RegisterHistory.Action

  /// How many states are kept at one instant: first few, then more, and then the search gives up.
  private static let widths = [1, 32, 1_024, 100_000]

  private let history: RegisterHistory
  private let options: HistoryOptions
  private var open: OpenSteps
  private var states: [RegisterState] = []
  /// How many states are kept.
  private var width = 0
  /// Whether any were left out.
  private var isCut = false
  private var isTimeOver = false

  init(_ history: RegisterHistory, options: HistoryOptions) {
    self.history = history
    self.options = options
    open = OpenSteps(history)
  }

  /// Follows the history to its end.
  mutating func judge() -> HistoryVerdict {
    for width in Self.widths {
      self.width = width
      if let verdict = follow() { return verdict }
    }
    return .unknown("more than \(width) states are possible at one instant")
  }

  /// Nil if there may be an order among what was left out.
  private mutating func follow() -> HistoryVerdict? {
    open = OpenSteps(history)
    states = [RegisterState(value: RegisterHistory.initial)]
    isCut = false
    for (count, event) in open.events.enumerated() {
      if count % 16 == 0, options.isTimeOver() { return .unknown("the time is over") }
      guard event.isEnd else {
        begin(event.step)
        continue
      }
      let before = states
      end(event.step)
      guard !isTimeOver else { return .unknown("the time is over") }
      guard states.isEmpty else { continue }
      return isCut ? nil : .notLinearizable(finding(event.step, before))
    }
    return .linearizable
  }

  private mutating func begin(_ step: Int) {
    let slot = open.begin(step)
    for place in states.indices where open.isContent(step, with: states[place].value) {
      states[place].done.insert(slot)
    }
  }

  private mutating func end(_ step: Int) {
    let slot = open.slot(of: step)
    var next: [RegisterState] = []
    var seen: Set<RegisterState> = []
    func add(_ state: RegisterState) {
      let state = state.without(slot)
      if seen.insert(state).inserted { next.append(state) }
    }
    for (count, state) in states.enumerated() {
      if count % 64 == 63, options.isTimeOver() {
        isTimeOver = true
        return
      }
      if state.done.contains(slot) {
        add(state)
        continue
      }
      if state.free.contains(slot) { add(state) }
      guard !state.free.contains(slot) || open.isWanted(step) else { continue }
      let ways = open.ways(from: state, to: step, statesMax: width, options.isTimeOver)
      guard !ways.isTimeOver else {
        isTimeOver = true
        return
      }
      isCut = isCut || ways.isCut
      for reached in ways.states { add(reached) }
    }
    open.end(step)
    states = open.withoutNeedless(next)
    guard states.count > width else { return }
    isCut = true
    let used = states.map { open.endlessCount(in: $0) }
    states = states.indices.sorted { (used[$0], $0) < (used[$1], $1) }.prefix(width)
      .map { states[$0] }
  }

  private func finding(_ step: Int, _ before: [RegisterState]) -> HistoryFinding {
    let operation = history.steps[step].operation
    let values = Set(before.map(\.value)).sorted().prefix(8)
      .map { history.values[$0].description }
    return HistoryFinding(
      "\(history.operations[operation].summary) fits no order: when it ended, the value could "
        + "only be \(values.joined(separator: " or ")), or what an open operation makes of it",
      operations: [operation]
    )
  }
}
