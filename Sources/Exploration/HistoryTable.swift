/// Every history that any world has had, numbered.
struct HistoryTable {
  private(set) var items: [WorldHistory] = []
  /// Six fingerprints each, one per renaming.
  private(set) var fingerprints: [UInt64] = []
  /// Looked up only.
  private var numbers: [WorldHistory: Int] = [:]

  /// The number of a history.
  mutating func number(_ history: WorldHistory) -> Int {
    if let number = numbers[history] { return number }
    let number = items.count
    numbers[history] = number
    items.append(history)
    fingerprints += Renaming.all.map(history.fingerprint)
    return number
  }
}
