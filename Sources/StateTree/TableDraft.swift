import Consensus
import Wire

/// What becomes of one table by a batch of changes: the last word on each key.
struct TableDraft {
  let name: Bytes
  /// Nil while it is the one that it has.
  private(set) var head: [UInt8]?
  /// Whether nothing of what was there before is left.
  private(set) var isNew = false
  private(set) var isDropped = false
  private(set) var changes: [(key: Bytes, entry: StateEntry?)] = []
  /// Looked up only.
  private var places: [Bytes: Int] = [:]

  init(name: Bytes) {
    self.name = name
  }

  mutating func make(head: [UInt8]) {
    begin(isDropped: false)
    self.head = head
  }

  mutating func drop() {
    begin(isDropped: true)
  }

  mutating func set(_ entry: StateEntry?, for key: Bytes) {
    if let place = places[key] {
      changes[place].entry = entry
    } else {
      places[key] = changes.count
      changes.append((key, entry))
    }
  }

  private mutating func begin(isDropped: Bool) {
    isNew = true
    self.isDropped = isDropped
    changes = []
    places = [:]
  }
}

/// All tables that a batch of changes touches.
struct TableDrafts {
  private(set) var all: [TableDraft] = []
  /// Looked up only.
  private var places: [Bytes: Int] = [:]

  mutating func take(_ change: StateChange) {
    switch change {
    case .makeTable(let name, let head): all[place(of: name)].make(head: head)
    case .dropTable(let name): all[place(of: name)].drop()
    case .put(let entry, let table): all[place(of: table)].set(entry, for: entry.key)
    case .remove(let key, let table): all[place(of: table)].set(nil, for: key)
    }
  }

  private mutating func place(of name: Bytes) -> Int {
    if let place = places[name] { return place }
    places[name] = all.count
    all.append(TableDraft(name: name))
    return all.count - 1
  }
}
