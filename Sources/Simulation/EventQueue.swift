/// What is to happen when: events in order of their time, and of their making at one time.
///
/// A binary heap. The second part of the order makes a run repeat exactly.
struct EventQueue<Event> {
  private struct Entry {
    let time: UInt64
    let sequence: UInt64
    let event: Event

    func comes(before other: Entry) -> Bool {
      time != other.time ? time < other.time : sequence < other.sequence
    }
  }

  private var heap: [Entry] = []
  private var nextSequence: UInt64 = 0

  /// Lets an event happen at a time in microseconds.
  mutating func schedule(_ event: Event, at time: UInt64) {
    heap.append(Entry(time: time, sequence: nextSequence, event: event))
    nextSequence += 1
    var child = heap.count - 1
    while child > 0, heap[child].comes(before: heap[(child - 1) / 2]) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  /// Takes the next event.
  mutating func next() -> (time: UInt64, event: Event)? {
    guard let last = heap.popLast() else { return nil }
    guard let first = heap.first else { return (last.time, last.event) }
    heap[0] = last
    sink()
    return (first.time, first.event)
  }

  private mutating func sink() {
    var parent = 0
    while true {
      let left = 2 * parent + 1
      guard left < heap.count else { return }
      let right = left + 1
      let child = right < heap.count && heap[right].comes(before: heap[left]) ? right : left
      guard heap[child].comes(before: heap[parent]) else { return }
      heap.swapAt(child, parent)
      parent = child
    }
  }
}
