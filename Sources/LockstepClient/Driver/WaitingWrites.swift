/// Writes that wait for a place in the session, the earliest call first.
///
/// O(1) for each that comes in order and for each that goes: there may be tens of thousands.
struct WaitingWrites {
  private var calls: [UInt64: Call] = [:]
  /// The calls' ids from `head` on, ascending; of those that have left, too.
  private var line: [UInt64] = []
  private var head = 0

  /// How many ids are kept.
  var lineCount: Int { line.count }

  var isEmpty: Bool { calls.isEmpty }

  /// Adds a call, before those that began later.
  mutating func insert(_ call: Call) {
    calls[call.id] = call
    var place = line.count
    while place > head, line[place - 1] > call.id { place -= 1 }
    guard place == head || line[place - 1] != call.id else { return }
    line.insert(call.id, at: place)
    // Behind a first one that stays those who have left would stand for ever.
    guard line.count - head > 2 * calls.count + 1_024 else { return }
    line = line[head...].filter { calls[$0] != nil }
    head = 0
  }

  /// Takes out a call, wherever it stands.
  mutating func remove(_ id: UInt64) { calls[id] = nil }

  /// The first call; nil if there is none.
  mutating func first() -> Call? {
    while head < line.count {
      if let call = calls[line[head]] { return call }
      passFirst()
    }
    return nil
  }

  /// Takes out all, in their order.
  mutating func removeAll() -> [Call] {
    let all = line[head...].compactMap { calls[$0] }
    self = WaitingWrites()
    return all
  }

  private mutating func passFirst() {
    head += 1
    guard head == line.count || head > 1_024 && 2 * head > line.count else { return }
    line.removeFirst(head)
    head = 0
  }
}
