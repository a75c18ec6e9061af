/// First in, first out; what has left is let go of at once, as a slice of an array would not.
struct WaitingLine<Element> {
  private var places: [Element?] = []
  private var head = 0
  private var sweepAt = 1_024

  var isEmpty: Bool { head == places.count }

  /// The one whose turn it is.
  var first: Element? { isEmpty ? nil : places[head] }

  /// All, in their order.
  var elements: [Element] { places[head...].compactMap(\.self) }

  mutating func append(_ element: Element) { places.append(element) }

  /// Adds one; now and then those are left out that are over, as the first may stay for long.
  mutating func append(_ element: Element, leavingOut isOver: (Element) -> Bool) {
    append(element)
    guard places.count - head > sweepAt else { return }
    places = elements.filter { !isOver($0) }
    head = 0
    sweepAt = max(1_024, 2 * places.count)
  }

  /// Takes out the first, which there is.
  mutating func removeFirst() {
    places[head] = nil
    head += 1
    guard isEmpty || head > 1_024 && 2 * head > places.count else { return }
    places.removeFirst(head)
    head = 0
    if places.isEmpty { places = [] }
  }

  mutating func removeAll() { self = WaitingLine() }
}
