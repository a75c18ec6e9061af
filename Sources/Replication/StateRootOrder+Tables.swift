package import Consensus
package import Wire

// A whole state as a head and tables, and back (docs/formats/state-tree.md).
extension StateRootOrder where Machine: TabledMachine {
  private static var headVersion: UInt8 { 1 }

  /// What is in no table: what must be known of the log, and the machine's own.
  package var stateHead: [UInt8] {
    var writer = ByteWriter(capacity: 512)
    writer.write(Self.headVersion)
    writer.write(mark)
    writer.writeBlob(machine.stateHead)
    return writer.finish()
  }

  /// All tables: the sessions, and the machine's.
  package var stateTables: [StateTable] { [sessions.stateTable] + machine.stateTables }

  /// Puts a state together from its parts.
  ///
  /// - Throws: If it is none that a replica comes to.
  package init(stateHead: [UInt8], tables: [StateTable]) throws(WireError) {
    var reader = ByteReader(stateHead)
    let version = try reader.read(UInt8.self)
    guard version == Self.headVersion else {
      throw .unsupportedVersion(UInt16(version), what: "a state's head")
    }
    let mark: SnapshotMark = try reader.read()
    let machineHead = try reader.readBlob(max: reader.remaining)
    try reader.expectEnd()
    guard let first = tables.first, first.name == ClientSessions.tableName else {
      throw .badValue("table of sessions", offset: 0)
    }
    self.init(
      mark: mark,
      machine: try Machine(stateHead: machineHead, tables: Array(tables.dropFirst())),
      sessions: try ClientSessions(first, configuration: mark.configuration)
    )
  }
}

extension Replica {
  /// The state as it is now, as one whose root is due; nil before anything was applied.
  package var stateNow: StateRootOrder<Machine>? {
    guard let mark = snapshots.lastApplied else { return nil }
    return StateRootOrder(mark: mark, machine: machine, sessions: sessions)
  }
}
