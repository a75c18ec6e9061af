/// First in, first out; what has left is let go of at once, as a slice of an array would not.
struct WaitingLine<Element> {
  private var places: [Element?] = []
  private var head = 0

  var isEmpty: Bool { head == places.count }

  /// The one whose turn it is.
  var first: Element? { isEmpty ? nil : places[head] }

  /// All, in their order.
  var elements: [Element] { places[head...].compactMap(\.self) }

  mutating func append(_ element: Element) { places.append(element) }

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
