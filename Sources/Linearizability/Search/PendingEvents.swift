/// The calls and returns not yet put in order, as a list from which an operation can be taken
/// and to which it can be given back, each in constant time (Wing and Gong's search, in Lowe's
/// form: "Testing for Linearizability", 2017, §3).
struct PendingEvents {
  /// An event of the history; `operation` is the place in the array of operations.
  enum Event: Equatable {
    case call(operation: Int)
    case `return`(operation: Int)
  }

  private(set) var events: [Event] = []
  private var callSlot: [Int]
  private var returnSlot: [Int?]
  /// Slot 0 is the list's head; event `slot` is `events[slot - 1]`; 0 ends the list as well.
  private var next: [Int]
  private var previous: [Int]

  /// All events but those of failed operations, in order.
  init<Input, Output>(_ operations: [RecordedOperation<Input, Output>]) {
    callSlot = [Int](repeating: 0, count: operations.count)
    returnSlot = [Int?](repeating: nil, count: operations.count)
    var dated: [(instant: UInt64, event: Event)] = []
    for (place, operation) in operations.enumerated() where !operation.isFailed {
      dated.append((operation.invoked, .call(operation: place)))
      if let returned = operation.returned {
        dated.append((returned, .return(operation: place)))
      }
    }
    // Calls before returns at one instant: such operations overlap. (The sort is stable.)
    dated.sort { ($0.instant, $0.event.isReturn ? 1 : 0) < ($1.instant, $1.event.isReturn ? 1 : 0) }
    events = dated.map(\.event)
    next = (0...events.count).map { $0 == dated.count ? 0 : $0 + 1 }
    previous = (0...events.count).map { $0 == 0 ? dated.count : $0 - 1 }
    for (offset, event) in events.enumerated() {
      switch event {
      case .call(let operation): callSlot[operation] = offset + 1
      case .return(let operation): returnSlot[operation] = offset + 1
      }
    }
  }

  /// The slot of the first event left; 0 if there is none.
  var first: Int { next[0] }

  /// The event in a slot.
  func event(at slot: Int) -> Event { events[slot - 1] }

  /// The slot behind another; 0 at the end.
  func slot(after slot: Int) -> Int { next[slot] }

  /// The slot behind an operation's call.
  func slot(afterCallOf operation: Int) -> Int { next[callSlot[operation]] }

  /// Takes an operation's events out of the list.
  mutating func take(_ operation: Int) {
    unlink(callSlot[operation])
    if let slot = returnSlot[operation] { unlink(slot) }
  }

  /// Puts back the operation that was taken last.
  mutating func giveBack(_ operation: Int) {
    if let slot = returnSlot[operation] { relink(slot) }
    relink(callSlot[operation])
  }

  private mutating func unlink(_ slot: Int) {
    next[previous[slot]] = next[slot]
    previous[next[slot]] = previous[slot]
  }

  private mutating func relink(_ slot: Int) {
    next[previous[slot]] = slot
    previous[next[slot]] = slot
  }
}

extension PendingEvents.Event {
  fileprivate var isReturn: Bool {
    switch self {
    case .call: false
    case .return: true
    }
  }
}
