/// What several sources want done, taken from one source after the other: whoever wants much makes
/// nobody else wait for all of it.
///
/// Of one source alone it is taken in the order in which it came. Everything costs O(1).
package struct FairQueue<Source: Hashable & Sendable, Item: Sendable>: Sendable {
  /// First in, first out.
  private struct Line<Element: Sendable>: Sendable {
    private var elements: [Element] = []
    private var taken = 0

    var count: Int { elements.count - taken }

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func popFirst() -> Element? {
      guard taken < elements.count else { return nil }
      defer { taken += 1 }
      if taken * 2 > elements.count {
        elements.removeFirst(taken)
        taken = 0
      }
      return elements[taken]
    }

    mutating func removeAll(where isGone: (Element) -> Bool) {
      elements.removeFirst(taken)
      taken = 0
      elements.removeAll(where: isGone)
    }
  }

  /// What each source wants; all of them want something.
  private var lines: [Source: Line<Item>] = [:]
  /// Whose turn it is, and who comes next.
  private var order = Line<Source>()

  /// A queue in which nothing waits.
  package init() {}

  /// Whether nothing waits.
  package var isEmpty: Bool { lines.isEmpty }

  /// How much of one source waits.
  package func count(of source: Source) -> Int { lines[source]?.count ?? 0 }

  /// Adds an item behind the others of its source.
  package mutating func append(_ item: Item, of source: Source) {
    if lines[source] == nil { order.append(source) }
    lines[source, default: Line()].append(item)
  }

  /// Takes the first item of the source whose turn it is.
  package mutating func popFirst() -> Item? {
    guard let source = order.popFirst(), let item = lines[source]?.popFirst() else { return nil }
    if count(of: source) == 0 {
      lines[source] = nil
    } else {
      order.append(source)
    }
    return item
  }

  /// Forgets whatever a source wants.
  package mutating func removeAll(of source: Source) {
    guard lines.removeValue(forKey: source) != nil else { return }
    order.removeAll { $0 == source }
  }
}
