import Wire
import XCTest

@testable import Documents

/// The map against a sorted array, which is slow and plain enough to be believed.
final class OrderedMapTests: XCTestCase {
  private struct Model {
    var entries: [(key: [UInt8], value: Int)] = []

    func place(_ key: [UInt8]) -> (index: Int, isFound: Bool) {
      var (low, high) = (0, entries.count)
      while low < high {
        let middle = (low + high) / 2
        if entries[middle].key.lexicographicallyPrecedes(key) {
          low = middle + 1
        } else {
          high = middle
        }
      }
      return (low, low < entries.count && entries[low].key == key)
    }

    mutating func insert(_ value: Int, for key: [UInt8]) -> Int? {
      let place = place(key)
      guard place.isFound else {
        entries.insert((key, value), at: place.index)
        return nil
      }
      defer { entries[place.index].value = value }
      return entries[place.index].value
    }

    mutating func remove(_ key: [UInt8]) -> Int? {
      let place = place(key)
      return place.isFound ? entries.remove(at: place.index).value : nil
    }

    func entries(in range: KeyStretch) -> [(key: [UInt8], value: Int)] {
      entries.filter { entry in
        let isAbove =
          switch range.lower {
          case .unbounded: true
          case .including(let key): !entry.key.lexicographicallyPrecedes(key)
          case .excluding(let key): key.lexicographicallyPrecedes(entry.key)
          }
        let isBelow =
          switch range.upper {
          case .unbounded: true
          case .including(let key): !key.lexicographicallyPrecedes(entry.key)
          case .excluding(let key): entry.key.lexicographicallyPrecedes(key)
          }
        return isAbove && isBelow
      }
    }
  }

  private typealias Key = (inout Chance) -> [UInt8]

  func test_map_whenChangedAtRandom_isAsASortedArray() {
    let kinds: [(name: String, key: Key)] = [
      ("one byte", { [UInt8($0.next(below: 256))] }),
      ("numbers", { Array("user-\($0.next(below: 900))".utf8) }),
      (
        "zeros and beginnings of each other",
        { chance in (0..<chance.next(below: 6)).map { _ in chance.next(below: 2) == 0 ? 0 : 255 } }
      ),
      (
        "long and alike",
        {
          [UInt8](repeating: 7, count: 30 + $0.next(below: 12))
            + Array("\($0.next(below: 60))".utf8)
        }
      ),
    ]
    for (seed, kind) in kinds.enumerated() {
      change(kind.name, seed: UInt64(seed), key: kind.key)
    }
  }

  /// Grows and shrinks a map in waves, keeping frozen copies that must never change.
  private func change(_ name: String, seed: UInt64, key: Key) {
    var chance = Chance(seed: seed)
    var (map, model) = (OrderedMap<Int>(), Model())
    var frozen: [(map: OrderedMap<Int>, model: Model)] = []
    for step in 0..<6_000 {
      let key = key(&chance)
      let growth = step / 1_500 % 2 == 0 ? 7 : 3
      if chance.next(below: 10) < growth {
        XCTAssertEqual(map.insert(step, for: key), model.insert(step, for: key), name)
      } else {
        XCTAssertEqual(map.remove(key), model.remove(key), name)
      }
      let other = model.entries.isEmpty ? key : chance.pick(model.entries).key
      XCTAssertEqual(map[key] != nil, model.place(key).isFound, name)
      XCTAssertEqual(map[other], model.entries.first { $0.key == other }?.value, name)
      if step % 500 == 0 { frozen.append((map, model)) }
      if step % 100 == 0 {
        assertSame(map, model, "\(name), step \(step)")
        assertRanges(map, model, between: key, and: other)
      }
    }
    for (map, model) in frozen {
      assertSame(map, model, "\(name), frozen")
    }
    for entry in model.entries {
      XCTAssertEqual(map.remove(entry.key), entry.value)
    }
    assertSame(map, Model(), "\(name), emptied")
  }

  func test_map_whenThreeLevelsDeep_growsAndShrinksInShape() {
    var chance = Chance(seed: 99)
    var numbers = Array(0..<20_000)
    var (map, model) = (OrderedMap<Int>(), Model())
    for count in (1..<numbers.count).reversed() {
      numbers.swapAt(count, chance.next(below: count + 1))
    }
    for number in numbers {
      map.insert(number, for: Self.key(number))
    }
    let full = map

    for (step, number) in numbers.reversed().enumerated() {
      XCTAssertEqual(map.remove(Self.key(number)), number)
      guard step % 4_000 == 0 else { continue }
      model.entries = numbers.dropLast(step + 1).sorted().map { (Self.key($0), $0) }
      assertSame(map, model, "step \(step)")
    }

    model.entries = numbers.sorted().map { (Self.key($0), $0) }
    assertSame(full, model, "the copy")
    XCTAssertTrue(map.isEmpty)
  }

  func test_copies_whenBothAreChanged_goTheirOwnWays() {
    var first = OrderedMap<Int>()
    for number in 0..<1_000 {
      first.insert(number, for: Self.key(number))
    }
    var second = first

    for number in 0..<1_000 {
      first.insert(-number, for: Self.key(number))
      second.remove(Self.key(number))
    }

    XCTAssertEqual(first.count, 1_000)
    XCTAssertEqual(first[Self.key(5)], -5)
    XCTAssertTrue(second.isEmpty)
  }

  func test_entries_whenTheMapChanges_stayAsTheyWere() {
    var map = OrderedMap<Int>()
    for number in 0..<500 {
      map.insert(number, for: Self.key(number))
    }
    var entries = map.entries()
    var seen: [Int] = []

    while let entry = entries.next() {
      seen.append(entry.value)
      map.remove(entry.key)
      map.insert(0, for: entry.key + [1])
    }

    XCTAssertEqual(seen, Array(0..<500))
    XCTAssertEqual(map.count, 500)
  }

  func test_ranges_ofPrefixes_coverWhatBeginsWithThem() {
    var (map, model) = (OrderedMap<Int>(), Model())
    let keys: [[UInt8]] = [
      [], [0], [254], [255], [255, 0], [255, 255], [255, 255, 1], [254, 255],
    ]
    for (index, key) in keys.enumerated() {
      map.insert(index, for: key)
      _ = model.insert(index, for: key)
    }
    for prefix in keys {
      let expected = model.entries.filter { $0.key.starts(with: prefix) }.map(\.value)

      XCTAssertEqual(map.entries(in: KeyStretch(prefix: prefix)).map(\.value), expected)
      XCTAssertEqual(map.count(in: KeyStretch(prefix: prefix)), expected.count)
    }
  }

  func test_map_whenFilledInOrder_keepsItsShape() {
    for isAscending in [true, false] {
      var (map, model) = (OrderedMap<Int>(), Model())
      for step in 0..<5_000 {
        let number = isAscending ? step : 5_000 - step
        map.insert(number, for: Self.key(number))
      }
      model.entries = (isAscending ? 0..<5_000 : 1..<5_001).map { (Self.key($0), $0) }

      assertSame(map, model, "ascending: \(isAscending)")
    }
  }

  func test_leaves_whenNothingIsAddedToThemAnyMore_keepNoRoomForMore() {
    var map = OrderedMap<Int>()
    for number in 0..<5_000 { map.insert(number, for: Self.key(number)) }

    let leaves = map.root.children.flatMap { $0.isLeaf ? [$0] : $0.children }
    XCTAssertEqual(map.root.children.first?.isLeaf, false)
    for leaf in leaves.dropLast() {
      XCTAssertLessThan(leaf.values.capacity, leaf.count + leaf.count / 4)
    }
  }

  private static func key(_ number: Int) -> [UInt8] {
    let digits = String(number)
    return Array(("k" + String(repeating: "0", count: 8 - digits.count) + digits).utf8)
  }

  private func assertSame(_ map: OrderedMap<Int>, _ model: Model, _ name: String) {
    XCTAssertEqual(map.count, model.entries.count, name)
    XCTAssertEqual(map.entries().map(\.key), model.entries.map(\.key), name)
    XCTAssertEqual(map.entries().map(\.value), model.entries.map(\.value), name)
    var drain = map.drained()
    for entry in model.entries {
      let drained = drain.next()
      XCTAssertEqual(drained?.key, entry.key, name)
      XCTAssertEqual(drained?.value, entry.value, name)
    }
    XCTAssertNil(drain.next(), name)
    XCTAssertEqual(
      map.entries(descending: true).map(\.value),
      model.entries.map(\.value).reversed(),
      name
    )
    MapShape.check(map, name)
  }

  private func assertRanges(
    _ map: OrderedMap<Int>,
    _ model: Model,
    between first: [UInt8],
    and second: [UInt8]
  ) {
    let bounds: [([UInt8]) -> KeyStretch.Bound] = [
      { _ in .unbounded }, { .including($0) }, { .excluding($0) },
    ]
    for lower in bounds {
      for upper in bounds {
        let range = KeyStretch(from: lower(first), to: upper(second))
        let expected = model.entries(in: range).map(\.value)
        XCTAssertEqual(map.entries(in: range).map(\.value), expected, "\(range)")
        XCTAssertEqual(
          map.entries(in: range, descending: true).map(\.value),
          expected.reversed(),
          "\(range)"
        )
        XCTAssertEqual(map.count(in: range), expected.count, "\(range)")
      }
    }
  }
}

/// Repeatable chance (SplitMix64).
private struct Chance {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next(below bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
  }

  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[next(below: elements.count)]
  }
}
