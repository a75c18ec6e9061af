/// What several sources want done, taken from one source after the other: whoever wants much makes
/// nobody else wait for all of it.
///
/// Of one source alone it is taken in the order in which it came (round robin; Nagle, RFC 970).
/// Adding and taking cost O(1).
package struct FairQueue<Source: Hashable & Sendable, Item: Sendable>: Sendable {
  /// First in, first out.
  private struct Line<Element: Sendable>: Sendable {
    private var elements: [Element] = []
    private var taken = 0

    var count: Int { elements.count - taken }
    var waiting: ArraySlice<Element> { elements[taken...] }

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
  /// How much waits in all.
  package private(set) var count = 0

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
    count += 1
  }

  /// Takes the first item of the source whose turn it is.
  package mutating func popFirst() -> Item? {
    guard let source = order.popFirst(), let item = lines[source]?.popFirst() else { return nil }
    count -= 1
    if count(of: source) == 0 {
      lines[source] = nil
    } else {
      order.append(source)
    }
    return item
  }

  /// Forgets whatever a source wants.
  package mutating func removeAll(of source: Source) {
    guard let line = lines.removeValue(forKey: source) else { return }
    count -= line.count
    order.removeAll { $0 == source }
  }

  /// Takes all of which something is true, source after source; costs O(n).
  package mutating func takeAll(where isMeant: (Item) -> Bool) -> [Item] {
    var taken: [Item] = []
    for source in order.waiting {
      let meant = (lines[source]?.waiting ?? []).filter(isMeant)
      guard !meant.isEmpty else { continue }
      taken += meant
      count -= meant.count
      lines[source]?.removeAll(where: isMeant)
      if self.count(of: source) == 0 { lines[source] = nil }
    }
    order.removeAll { [lines] source in lines[source] == nil }
    return taken
  }
}
