/// What is to happen when: events in order of their time, and of their making at one time.
///
/// A binary heap. The second part of the order makes a run repeat exactly. The heap moves small
/// keys about; the events, which own memory, stay in their slots.
package struct EventQueue<Event> {
  private struct Key {
    let time: UInt64
    let sequence: UInt64
    let slot: Int

    func comes(before other: Key) -> Bool {
      time != other.time ? time < other.time : sequence < other.sequence
    }
  }

  private var heap: [Key] = []
  private var slots: [Event?] = []
  private var freeSlots: [Int] = []
  private var nextSequence: UInt64 = 0

  /// A queue with nothing in it.
  package init() {}

  /// Lets an event happen at a time in microseconds.
  package mutating func schedule(_ event: Event, at time: UInt64) {
    let key = Key(time: time, sequence: nextSequence, slot: place(event))
    nextSequence += 1
    var child = heap.count
    heap.append(key)
    while child > 0, key.comes(before: heap[(child - 1) / 2]) {
      heap[child] = heap[(child - 1) / 2]
      child = (child - 1) / 2
    }
    heap[child] = key
  }

  /// Takes the next event.
  package mutating func next() -> (time: UInt64, event: Event)? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    if !heap.isEmpty { sink(last) }
    guard let event = slots[first.slot].take() else {
      fatalError("a key in the heap has its event in its slot")
    }
    freeSlots.append(first.slot)
    return (first.time, event)
  }

  private mutating func place(_ event: Event) -> Int {
    guard let slot = freeSlots.popLast() else {
      slots.append(event)
      return slots.count - 1
    }
    slots[slot] = event
    return slot
  }

  /// Lets a key sink from the top, where there is room for one.
  private mutating func sink(_ key: Key) {
    var parent = 0
    while true {
      let left = 2 * parent + 1
      guard left < heap.count else { break }
      let right = left + 1
      let child = right < heap.count && heap[right].comes(before: heap[left]) ? right : left
      guard heap[child].comes(before: key) else { break }
      heap[parent] = heap[child]
      parent = child
    }
    heap[parent] = key
  }
}
