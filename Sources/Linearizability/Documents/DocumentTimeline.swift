/// All revisions that answers name, in order: which key each is of, and what it left there.
///
/// Where somebody had seen everything up to a revision, that is an entry of its own behind it.
struct DocumentTimeline {
  /// One revision.
  struct Entry {
    /// Whether it only says that somebody had seen everything up to here.
    var isStamp = false
    let revision: UInt64
    let key: Int
    /// The step that was answered with it; nil if somebody else saw it, so that a change whose
    /// answer nobody saw must have made it.
    var writer: Int?
    /// The step by which it is known first.
    let witness: Int
    /// What it left under the key; nil for nothing, and where nobody told of one without writer.
    var value: HistoryValue?
  }

  /// Two answers that contradict each other whatever the times.
  struct Clash: Error {
    let sentence: String
    let steps: [Int]
  }

  private(set) var entries: [Entry] = []
  /// By key: places in `entries`, ascending.
  private(set) var ofKey: [[Int]]
  /// By step: the place of its own revision, where it has one.
  private(set) var placeOfStep: [Int]
  private var known: [UInt64: Entry] = [:]
  private var stamps: [UInt64: Entry] = [:]

  init(_ history: DocumentHistory) throws(Clash) {
    ofKey = [[Int]](repeating: [], count: history.keys.count)
    placeOfStep = [Int](repeating: -1, count: history.steps.count)
    for (number, step) in history.steps.enumerated() { try addChange(number, step) }
    for (number, step) in history.steps.enumerated() { try addSeen(number, step, history) }
    let revisions = known.values.sorted { $0.revision < $1.revision }
    let seen = stamps.values.sorted { $0.revision < $1.revision }
    entries = (revisions + seen).sorted {
      ($0.revision, $0.isStamp ? 1 : 0) < ($1.revision, $1.isStamp ? 1 : 0)
    }
    for (place, entry) in entries.enumerated() where !entry.isStamp {
      ofKey[entry.key].append(place)
      if let writer = entry.writer { placeOfStep[writer] = place }
    }
  }

  /// How many entries there are up to a revision, included.
  func count(upTo revision: UInt64) -> Int {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].revision <= revision { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The last of a key's entries before a position.
  func last(ofKey key: Int, before position: Int) -> Entry? {
    let places = ofKey[key]
    var (low, high) = (0, places.count)
    while low < high {
      let middle = (low + high) / 2
      if places[middle] < position { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : entries[places[low - 1]]
  }

  private mutating func addChange(_ number: Int, _ step: DocumentHistory.Step) throws(Clash) {
    guard let answer = step.answer, let revision = answer.changeRevision else { return }
    if let other = known[revision] {
      throw Clash(
        sentence: "two changes have the same revision \(revision)",
        steps: [other.witness, number]
      )
    }
    known[revision] = Entry(
      revision: revision,
      key: step.key,
      writer: number,
      witness: number,
      value: step.call.outcome(answer)?.value
    )
  }

  private mutating func addSeen(
    _ number: Int,
    _ step: DocumentHistory.Step,
    _ history: DocumentHistory
  ) throws(Clash) {
    guard let answer = step.answer else { return }
    if let stamp = answer.stamp {
      stamps[stamp] = Entry(isStamp: true, revision: stamp, key: 0, witness: number)
    }
    switch answer {
    case .found(let value, let revision): try see(revision, of: step.key, value, by: number)
    case .items(let items, _):
      for item in items {
        guard let key = history.number(of: item.key) else { continue }
        try see(item.revision, of: key, item.value, by: number)
      }
    case .conflict(let current?) where current > 0:
      try see(current, of: step.key, nil, by: number)
    case .changed:
      switch step.call.action {
      case .replace(_, let expected?), .delete(let expected?):
        try see(expected, of: step.key, nil, by: number)
      case .get, .put, .insert, .replace, .delete, .increment, .scan, .count: break
      }
    case .absent, .counted, .conflict, .number: break
    }
  }

  private mutating func see(
    _ revision: UInt64,
    of key: Int,
    _ value: HistoryValue?,
    by number: Int
  ) throws(Clash) {
    guard let entry = known[revision] else {
      known[revision] = Entry(revision: revision, key: key, witness: number, value: value)
      return
    }
    let isEmpty = entry.writer != nil && entry.value == nil
    let differs = value != nil && entry.value != nil && value != entry.value
    guard entry.key == key, !isEmpty, !differs else {
      throw Clash(
        sentence: "revision \(revision) is told of differently",
        steps: [entry.witness, number]
      )
    }
    if entry.value == nil { known[revision]?.value = value }
  }
}
