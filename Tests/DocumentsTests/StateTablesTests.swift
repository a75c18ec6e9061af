import ClientProtocol
import Consensus
import Wire
import XCTest

@testable import Documents

/// A store seen as tables of entries is the same store, and what it says has changed is all.
final class StateTablesTests: XCTestCase {
  func test_tables_atARandomMoment_giveAStoreThatGoesOnAlike() throws {
    for seed in 1...8 as ClosedRange<UInt64> {
      var random = RandomSource(seed: seed)
      var original = StoreFixture()
      for _ in 0..<random.number(below: 600) {
        original.apply(bytes: RandomCommands.command(&random).encoded())
      }
      var copy = original
      let tables = original.store.stateTables.reversed().map { table in
        var shuffled = table
        shuffled.entries.reverse()
        return shuffled
      }

      copy.store.adopt(
        try DocumentStore(stateHead: original.store.stateHead, tables: tables)
      )

      let commands = (0..<200).map { _ in RandomCommands.command(&random).encoded() }
      XCTAssertEqual(copy.store.stateDigest(), original.store.stateDigest(), "seed \(seed)")
      let replies = commands.map { original.apply(bytes: $0) }
      XCTAssertEqual(commands.map { copy.apply(bytes: $0) }, replies, "seed \(seed)")
      XCTAssertEqual(copy.store.stateTables, original.store.stateTables, "seed \(seed)")
      XCTAssertEqual(copy.store.stateHead, original.store.stateHead, "seed \(seed)")
    }
  }

  func test_changes_whenTakenAgainAndAgain_leadFromTablesToTables() throws {
    for seed in 1...8 as ClosedRange<UInt64> {
      var random = RandomSource(seed: seed)
      var fixture = StoreFixture()
      fixture.store = DocumentStore(cursorSeed: 1, isTracked: true)
      var model = TablesModel(fixture.store.stateTables)
      for _ in 0..<20 {
        for _ in 0..<random.number(below: 60) {
          fixture.apply(bytes: RandomCommands.command(&random).encoded())
        }

        let changes = try XCTUnwrap(fixture.store.takeStateChanges())

        for change in changes { model.take(change) }
        XCTAssertEqual(model.tables, TablesModel(fixture.store.stateTables).tables, "seed \(seed)")
      }
    }
  }

  func test_changes_whenTheStateWasReplaced_beginAnew() throws {
    var fixture = StoreFixture()
    fixture.store = DocumentStore(cursorSeed: 1, isTracked: true)
    fixture.apply(.kvPut(key: utf8("a"), value: utf8("b")))

    fixture.store.adopt(DocumentStore(cursorSeed: 2))

    XCTAssertEqual(fixture.store.takeStateChanges(), [])
    fixture.apply(.kvPut(key: utf8("a"), value: utf8("b")))
    XCTAssertEqual(fixture.store.takeStateChanges()?.count, 2, "a table and its entry")
  }

  func test_changes_whenNobodyAsksForThem_areNotKept() {
    var fixture = StoreFixture()
    fixture.apply(.kvPut(key: utf8("a"), value: utf8("b")))

    XCTAssertNil(fixture.store.takeStateChanges())
    XCTAssertNil(fixture.store.takeStateChanges())
  }

  func test_tables_whenNoCommandsLeadThere_areRefused() throws {
    var fixture = StoreFixture()
    fixture.apply(.kvPut(key: utf8("a"), value: utf8("b")), in: "k")
    fixture.apply(.put(id: id("x"), document: document(#"{"n": 1}"#)), in: "d")
    let head = fixture.store.stateHead
    let tables = fixture.store.stateTables
    XCTAssertEqual(tables.map(\.entries.count), [1, 1])
    let isDocuments = tables[0].head[0] == 1
    let documents = isDocuments ? 0 : 1

    let broken: [(String, [UInt8], [StateTable])] = [
      ("head cut", Array(head.dropLast()), tables),
      ("head longer", head + [0], tables),
      ("table twice", head, tables + [tables[0]]),
      ("name", head, changed(tables) { $0[0].name = Bytes(utf8("nozero")) }),
      ("name of three", head, changed(tables) { $0[0].name = [97, 0, 98, 0, 99] }),
      ("name not UTF-8", head, changed(tables) { $0[0].name = [0xFF, 0, 98] }),
      ("kind", head, changed(tables) { $0[0].head[0] = 9 }),
      ("head of table", head, changed(tables) { $0[0].head.append(1) }),
      ("revision", head, changed(tables) { $0[0].entries[0].stamp = 1_000 }),
      ("revision before creation", head, changed(tables) { $0[0].entries[0].stamp = 0 }),
      ("key twice", head, changed(tables) { $0[0].entries.append($0[0].entries[0]) }),
      ("id", head, changed(tables) { $0[documents].entries[0].key = [0xEE, 1] }),
      (
        "too large", head,
        changed(tables) {
          $0[0].entries[0].value = Bytes([UInt8](repeating: 0, count: 2 << 20))
        }
      ),
    ]

    for (name, head, tables) in broken {
      XCTAssertThrowsError(try DocumentStore(stateHead: head, tables: tables), name)
    }
  }

  private func changed(
    _ tables: [StateTable],
    _ change: (inout [StateTable]) -> Void
  ) -> [StateTable] {
    var tables = tables
    change(&tables)
    return tables
  }
}

/// Tables as dictionaries, which changes are applied to one by one.
private struct TablesModel {
  struct Table: Equatable {
    var head: [UInt8]
    var entries: [Bytes: StateEntry]
  }

  private(set) var tables: [Bytes: Table] = [:]

  init(_ tables: [StateTable]) {
    for table in tables {
      let entries = Dictionary(uniqueKeysWithValues: table.entries.map { ($0.key, $0) })
      self.tables[table.name] = Table(head: table.head, entries: entries)
    }
  }

  mutating func take(_ change: StateChange) {
    switch change {
    case .makeTable(let name, let head): tables[name] = Table(head: head, entries: [:])
    case .dropTable(let name): tables[name] = nil
    case .put(let entry, let name): tables[name]?.entries[entry.key] = entry
    case .remove(let key, let name): tables[name]?.entries[key] = nil
    }
  }
}
