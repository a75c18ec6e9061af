/// First in, first out, in constant time on the average.
struct Line<Element: Sendable>: Sendable {
  private var elements: [Element] = []
  private var head = 0

  var first: Element? { head < elements.count ? elements[head] : nil }

  mutating func append(_ element: Element) { elements.append(element) }

  mutating func removeFirst() {
    head += 1
    guard head >= 32, head * 2 >= elements.count else { return }
    elements.removeFirst(head)
    head = 0
  }

  /// All that wait, the first first.
  var all: ArraySlice<Element> { elements[head...] }
}
