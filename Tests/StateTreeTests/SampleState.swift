import Consensus
import StateTree
import SymbolicCrypto
import Wire

/// A state that a test changes at random, and its tables as a dictionary would hold them.
struct SampleState {
  static let digester = PureSHA256()

  private(set) var tables: [String: [String: StateEntry]] = [:]
  private(set) var heads: [String: [UInt8]] = [:]
  private(set) var changes: [StateChange] = []
  private var random: RandomSource
  private var stamp: UInt64 = 0

  init(seed: UInt64) {
    random = RandomSource(seed: seed)
  }

  /// The tree of all of it, in an order of its own.
  func tree(head: [UInt8] = [1, 2, 3], shuffledBy seed: UInt64 = 1) -> StateTree {
    StateTree(head: head, tables: stateTables(shuffledBy: seed), using: Self.digester)
  }

  func stateTables(shuffledBy seed: UInt64) -> [StateTable] {
    var random = RandomSource(seed: seed)
    return tables.keys.sorted().shuffled(by: &random).map { name in
      let entries = tables[name, default: [:]].sorted { $0.key < $1.key }.map(\.value)
      return StateTable(
        name: Bytes(Array(name.utf8)),
        head: heads[name, default: []],
        entries: entries.shuffled(by: &random)
      )
    }
  }

  mutating func takeChanges() -> [StateChange] {
    defer { changes = [] }
    return changes
  }

  mutating func make(_ name: String) {
    stamp += 1
    tables[name] = [:]
    heads[name] = Array("made \(stamp)".utf8)
    changes.append(.makeTable(name: Self.bytes(name), head: heads[name, default: []]))
  }

  mutating func drop(_ name: String) {
    tables[name] = nil
    heads[name] = nil
    changes.append(.dropTable(name: Self.bytes(name)))
  }

  mutating func put(_ key: String, size: Int, in name: String) {
    if tables[name] == nil { make(name) }
    stamp += 1
    let value = (0..<size).map { UInt8(truncatingIfNeeded: UInt64($0) &* stamp) }
    let entry = StateEntry(key: Self.bytes(key), stamp: stamp, value: Bytes(value))
    tables[name]?[key] = entry
    changes.append(.put(entry, table: Self.bytes(name)))
  }

  mutating func remove(_ key: String, from name: String) {
    guard tables[name] != nil else { return }
    tables[name]?[key] = nil
    changes.append(.remove(key: Self.bytes(key), table: Self.bytes(name)))
  }

  /// Puts mostly, removes, and now and then drops.
  mutating func changeAtRandom(times: Int, keys: Int = 300) {
    for _ in 0..<times {
      let name = "table \(random.number(below: 4))"
      let key = "key \(random.number(below: keys))"
      switch random.number(below: 200) {
      case 0: if tables[name] != nil { drop(name) }
      case 1..<70: remove(key, from: name)
      case 70..<75: put(key, size: 1_000, in: name)
      default: put(key, size: random.number(below: 40), in: name)
      }
    }
  }

  static func bytes(_ text: String) -> Bytes { Bytes(Array(text.utf8)) }
}

extension Array {
  func shuffled(by random: inout RandomSource) -> [Element] {
    var rest = self
    var mixed: [Element] = []
    while !rest.isEmpty { mixed.append(rest.remove(at: random.number(below: rest.count))) }
    return mixed
  }
}
