/// Names one timer; a name is never used for a second one.
package struct TimerID: Hashable, Sendable {
  fileprivate let slot: Int32
  fileprivate let generation: UInt32
}

/// Timers in the order of their deadlines: a binary heap whose places are known, so that any timer
/// can be cancelled in O(log n).
///
/// Timers of one deadline fire in the order they were set.
struct TimerQueue<Payload> {
  private struct Node {
    let deadline: UInt64
    let order: UInt64
    let slot: Int32
    let payload: Payload

    func isBefore(_ other: Node) -> Bool {
      deadline != other.deadline ? deadline < other.deadline : order < other.order
    }
  }

  /// Where a timer stands in the heap, or -1 when the slot is free.
  private struct Slot {
    var place: Int32
    var generation: UInt32
  }

  private var heap: [Node] = []
  private var slots: [Slot] = []
  private var freeSlots: [Int32] = []
  private var nextOrder: UInt64 = 0

  var count: Int { heap.count }

  /// When the next timer is due, in microseconds of the monotonic clock.
  var earliest: UInt64? { heap.first?.deadline }

  mutating func schedule(at deadline: UInt64, _ payload: Payload) -> TimerID {
    let slot: Int32
    if let free = freeSlots.popLast() {
      slot = free
    } else {
      slot = Int32(slots.count)
      slots.append(Slot(place: -1, generation: 0))
    }
    heap.append(Node(deadline: deadline, order: nextOrder, slot: slot, payload: payload))
    nextOrder += 1
    siftUp(from: heap.count - 1)
    return TimerID(slot: slot, generation: slots[Int(slot)].generation)
  }

  /// Forgets a timer; one that has fired or was cancelled is not there any more.
  mutating func cancel(_ id: TimerID) {
    let slot = slots[Int(id.slot)]
    guard slot.generation == id.generation, slot.place >= 0 else { return }
    remove(at: Int(slot.place))
  }

  /// Takes the next timer out if it is due at `now`.
  mutating func popDue(at now: UInt64) -> Payload? {
    guard let first = heap.first, first.deadline <= now else { return nil }
    remove(at: 0)
    return first.payload
  }

  private mutating func remove(at place: Int) {
    let slot = Int(heap[place].slot)
    slots[slot].place = -1
    slots[slot].generation &+= 1
    freeSlots.append(Int32(slot))
    let last = heap.removeLast()
    guard place < heap.count else { return }
    heap[place] = last
    siftUp(from: place)
    siftDown(from: Int(slots[Int(last.slot)].place))
  }

  private mutating func siftUp(from start: Int) {
    let node = heap[start]
    var place = start
    while place > 0, node.isBefore(heap[(place - 1) / 2]) {
      put(heap[(place - 1) / 2], at: place)
      place = (place - 1) / 2
    }
    put(node, at: place)
  }

  private mutating func siftDown(from start: Int) {
    let node = heap[start]
    var place = start
    while true {
      var child = 2 * place + 1
      guard child < heap.count else { break }
      if child + 1 < heap.count, heap[child + 1].isBefore(heap[child]) { child += 1 }
      guard heap[child].isBefore(node) else { break }
      put(heap[child], at: place)
      place = child
    }
    put(node, at: place)
  }

  private mutating func put(_ node: Node, at place: Int) {
    heap[place] = node
    slots[Int(node.slot)].place = Int32(place)
  }
}
