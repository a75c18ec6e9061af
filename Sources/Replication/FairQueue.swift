/// What several askers wait for: one of each after the other, and each asker's in its order.
///
/// Round robin (Nagle, RFC 970): who asks for much holds up nobody who asks for little. Adding and
/// taking cost O(1), but for an asker's last, which costs O(askers).
struct FairQueue<Element: Sendable>: Sendable {
  private struct Line: Sendable {
    let asker: UInt64
    var elements: ArraySlice<Element>
  }

  private var lines: [Line] = []
  /// Where each asker's line is.
  private var places: [UInt64: Int] = [:]
  /// Whose turn it is.
  private var turn = 0
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  /// Adds what an asker waits for, behind what it waits for already.
  mutating func append(_ element: Element, of asker: UInt64) {
    count += 1
    if let place = places[asker] { return lines[place].elements.append(element) }
    places[asker] = lines.count
    lines.append(Line(asker: asker, elements: [element]))
  }

  /// Takes what is next.
  mutating func popFirst() -> Element? {
    guard !isEmpty else { return nil }
    if turn >= lines.count { turn = 0 }
    let element = lines[turn].elements.popFirst()
    count -= 1
    if lines[turn].elements.isEmpty {
      lines.remove(at: turn)
      findPlaces()
    } else {
      turn += 1
    }
    return element
  }

  /// Takes all of which something is true, line after line.
  mutating func takeAll(where isMeant: (Element) -> Bool) -> [Element] {
    var taken: [Element] = []
    for place in lines.indices {
      taken += lines[place].elements.filter(isMeant)
      lines[place].elements.removeAll(where: isMeant)
    }
    guard !taken.isEmpty else { return [] }
    count -= taken.count
    lines.removeAll(where: \.elements.isEmpty)
    findPlaces()
    return taken
  }

  private mutating func findPlaces() {
    places.removeAll(keepingCapacity: true)
    for (place, line) in lines.enumerated() { places[line.asker] = place }
  }
}
