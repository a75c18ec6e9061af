/// Judges the store's own operations, over all keys, in the order that the revisions name.
///
/// Changes whose revisions are known follow each other in that order and no other: what is to be
/// found is only where between them questions were answered, and which changes that nobody saw the
/// answer of took effect. All states in which the store can be are followed from event to event:
/// how many revisions are there, and what is under a key other than they say. Few are possible,
/// since nothing is decided before it must be:
/// - A question is answered as soon as its answer is right: it changes nothing.
/// - A change takes effect when it ends, or one behind it in the order has to. Of two states that
///   differ only in that, the earlier can become the later one (Lowe, "Testing for
///   Linearizability", 2017, §3.2: the latest possible instant).
/// - A change of unknown outcome whose revision somebody saw has its place in the order. Any other
///   takes effect just before an operation on its key that else could not have had its answer: up
///   to there nobody can tell, and if there is none it may as well not have happened. So before a
///   key changes, open questions about it may be answered with such help.
/// - Of equal changes of unknown outcome the one that began first is used: whatever another could
///   do later, it can do as well.
struct DocumentJudge {
  /// More states than this at one instant, and the judge gives up.
  private static let statesMax = 20_000
  /// So many states are compared with each other at most.
  private static let comparedMax = 256
  /// More states than this on the way from one instant to the next, and it gives up as well.
  private static let statesOnTheWayMax = 10 * statesMax

  let history: DocumentHistory
  let timeline: DocumentTimeline
  let scans: [DocumentScan?]
  let effort: DocumentEffort
  private let options: HistoryOptions
  /// By step: whether it has begun.
  private(set) var hasBegun: [Bool]
  /// By key: the changes of unknown outcome that have begun.
  private(set) var hidden: [[Int]]
  /// By slot: the open question.
  private(set) var slots: [Int?] = []
  private var slotOfStep: [Int: Int] = [:]
  private var states = [DocumentState()]

  init(_ history: DocumentHistory, options: HistoryOptions) throws(DocumentTimeline.Clash) {
    self.history = history
    self.options = options
    effort = DocumentEffort(statesMax: Self.statesOnTheWayMax, isTimeOver: options.isTimeOver)
    timeline = try DocumentTimeline(history)
    scans = history.steps.map { DocumentScan($0, in: history) }
    hasBegun = [Bool](repeating: false, count: history.steps.count)
    hidden = [[Int]](repeating: [], count: history.keys.count)
  }

  /// Follows the history to its end.
  mutating func judge() -> HistoryVerdict {
    var dated: [(instant: Int, step: Int, isEnd: Bool)] = []
    for (number, step) in history.steps.enumerated() {
      dated.append((step.start, number, false))
      if step.answer != nil { dated.append((step.end, number, true)) }
    }
    dated.sort { $0.instant < $1.instant }
    for (count, event) in dated.enumerated() {
      if count % 64 == 0, options.isTimeOver() { return .unknown("the time is over") }
      guard event.isEnd else {
        begin(event.step)
        continue
      }
      let before = states
      effort.begin()
      end(event.step)
      if let reason = effort.end { return .unknown(reason) }
      guard !states.isEmpty else { return .notLinearizable(finding(event.step, before)) }
      guard states.count <= Self.statesMax else {
        return .unknown("more than \(Self.statesMax) states are possible at one instant")
      }
    }
    return .linearizable
  }

  private mutating func begin(_ number: Int) {
    let step = history.steps[number]
    hasBegun[number] = true
    if step.isHidden {
      hidden[step.key].append(number)
    } else if step.revision == nil {
      let slot = slots.firstIndex { $0 == nil } ?? slots.count
      if slot == slots.count { slots.append(nil) }
      slots[slot] = number
      slotOfStep[number] = slot
      for place in states.indices where isRight(number, in: states[place]) {
        states[place].answered.insert(slot)
      }
    }
  }

  private mutating func end(_ number: Int) {
    var next: [DocumentState] = []
    if history.steps[number].revision == nil {
      guard let slot = slotOfStep.removeValue(forKey: number) else { return }
      for state in states { next += waysToAnswer(number, slot, from: state) }
      for place in next.indices { next[place].answered.remove(slot) }
      slots[slot] = nil
    } else {
      let place = timeline.placeOfStep[number]
      for state in states { next += ways(beyond: place, from: state) }
    }
    states = effort.end == nil ? Self.withoutNeedless(next) : next
  }

  /// Each state once, and none that another one makes needless.
  private static func withoutNeedless(_ states: [DocumentState]) -> [DocumentState] {
    guard states.count > 1 else { return states }
    var seen: Set<DocumentState> = []
    let unique = states.filter { seen.insert($0).inserted }
    guard unique.count <= comparedMax else { return unique }
    return unique.filter { state in
      !unique.contains { $0 != state && $0.isAtLeast(state) && !state.isAtLeast($0) }
    }
  }
}
