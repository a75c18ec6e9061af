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
struct RegisterSearch {
  private typealias Action = RegisterHistory.Action

  /// More states than this at one instant, and the search gives up.
  private static let statesMax = 100_000

  private let history: RegisterHistory
  private let options: HistoryOptions
  private var open: OpenSteps
  private var states: [RegisterState]

  init(_ history: RegisterHistory, options: HistoryOptions) {
    self.history = history
    self.options = options
    open = OpenSteps(history)
    states = [RegisterState(value: RegisterHistory.initial)]
  }

  /// Follows the history to its end.
  mutating func judge() -> HistoryVerdict {
    for (count, event) in open.events.enumerated() {
      if count % 16 == 0, options.isTimeOver() { return .unknown("the time is over") }
      if event.isEnd {
        let before = states
        end(event.step)
        guard !states.isEmpty else { return .notLinearizable(finding(event.step, before)) }
        guard states.count <= Self.statesMax else {
          return .unknown("more than \(Self.statesMax) states are possible at one instant")
        }
      } else {
        begin(event.step)
      }
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
    for state in states {
      if state.done.contains(slot) {
        add(state)
        continue
      }
      if state.free.contains(slot) { add(state) }
      guard !state.free.contains(slot) || open.isWanted(step) else { continue }
      for reached in open.ways(from: state, to: step) { add(reached) }
      guard next.count <= Self.statesMax else { break }
    }
    open.end(step)
    states = open.withoutNeedless(next)
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
