package import Consensus
import Wire

/// A state whose root is due, and what leads to it from the one whose root was due before.
package struct StateStep<Machine: TabledMachine>: Sendable {
  /// The state.
  package let order: StateRootOrder<Machine>
  /// The newest entry of the state that the changes begin with.
  private let start: LogIndex
  /// What commands have changed since; nil if that is not known.
  private let machineChanges: [StateChange]?

  init(
    _ order: StateRootOrder<Machine>,
    after start: LogIndex,
    _ machineChanges: [StateChange]?
  ) {
    self.order = order
    self.start = start
    self.machineChanges = machineChanges
  }

  /// All that has changed since a state; nil if that is not known.
  package func changes(since old: StateBase) -> [StateChange]? {
    guard old.index == start else { return nil }
    return machineChanges.map { $0 + order.sessions.changes(since: old) }
  }
}

extension StateRootOrder {
  /// What must be kept of this state for the step from it to the next.
  package var base: StateBase {
    StateBase(
      index: index,
      logTimeMicroseconds: mark.logTimeMicroseconds,
      sessions: sessions
    )
  }
}

/// What the next step asks of the state before it.
package struct StateBase: Sendable {
  let index: LogIndex
  let logTimeMicroseconds: UInt64
  let sessions: ClientSessions
}

extension Replica where Machine: TabledMachine {
  /// The state whose root is due since the last turn, if there is one; to be asked for before
  /// anything else is applied.
  package mutating func takeStateStep() -> StateStep<Machine>? {
    guard let order = takeStateRootOrder() else { return nil }
    invariant(order.index == lastApplied, "changes are taken with the state that they lead to")
    defer { changesStart = order.index }
    return StateStep(order, after: changesStart, machine.takeStateChanges())
  }
}

extension ClientSessions {
  /// The table of sessions has no name.
  static let tableName: Bytes = []

  /// What has become of sessions: those that an entry has named since, and those that are gone.
  func changes(since old: StateBase) -> [StateChange] {
    var remaining = ids[...]
    var changes: [StateChange] = []
    for id in old.sessions.ids {
      remaining = remaining.drop { $0 < id }
      if remaining.first != id { changes.append(.remove(key: Self.key(of: id), table: [])) }
    }
    return changes
      + encoded(usedSince: old.logTimeMicroseconds).map { .put(Self.entry($0), table: []) }
  }

  /// All sessions.
  var stateTable: StateTable {
    StateTable(name: Self.tableName, head: [], entries: encoded().map(Self.entry))
  }

  init(
    _ table: StateTable,
    configuration: ClusterConfiguration
  ) throws(WireError) {
    var encoded: [Encoded] = []
    for entry in table.entries {
      var reader = ByteReader(entry.key)
      let id: UInt64 = try reader.read()
      try reader.expectEnd()
      guard entry.stamp == 0 else { throw .badValue("stamp of a session", offset: 0) }
      encoded.append(Encoded(id: id, bytes: entry.value.array))
    }
    try self.init(encoded.sorted { $0.id < $1.id }, configuration: configuration)
  }

  private static func entry(_ session: Encoded) -> StateEntry {
    StateEntry(key: key(of: session.id), stamp: 0, value: Bytes(session.bytes))
  }

  private static func key(of id: UInt64) -> Bytes {
    var writer = ByteWriter(capacity: 8)
    writer.write(id)
    return Bytes(writer.finish())
  }
}
