package import Consensus
import Wire

/// A state as a Merkle tree: a root that says everything, and pages that prove themselves to
/// whoever has the root (docs/formats/state-tree.md).
///
/// A trie, the catalog, leads from names to tables, and each table is a trie of its entries. The
/// root is a function of the state alone, not of how it came about. A tree is a value that never
/// changes, and shares with the next one all that did not.
package struct StateTree: Sendable {
  /// The digest of everything.
  package let root: Digest
  /// What is in no table.
  package let head: [UInt8]
  let catalog: TrieNode?

  /// The longest head.
  package static let headSizeMax = 1 << 20

  init(head: [UInt8], catalog: TrieNode?, root: Digest) {
    self.head = head
    self.catalog = catalog
    self.root = root
  }

  private init(head: [UInt8], catalog: TrieNode?, _ digester: some Digester) {
    invariant(head.count <= Self.headSizeMax, "a head fits a page")
    self.init(
      head: head,
      catalog: catalog,
      root: HeadPage(head: head, catalog: catalog?.digest ?? .zero).piece.digest(digester)
    )
  }

  /// The tree of a whole state; no key comes twice in a table.
  package init(head: [UInt8], tables: [StateTable], using digester: some Digester) {
    let entries = tables.map { table in
      let changes = table.entries.map { TrieChange(key: $0.key, put: $0, digester) }
      let root = TrieNode.changed(nil, by: changes, digester)
      return TrieChange(table: table.name, TableRoot(head: table.head, root: root), digester)
    }
    self.init(head: head, catalog: TrieNode.changed(nil, by: entries, digester), digester)
  }

  /// The tree after some changes, in the order in which they came.
  ///
  /// Only what they touch is digested anew.
  package func changed(
    by changes: [StateChange],
    head: [UInt8],
    using digester: some Digester
  ) -> StateTree {
    var drafts = TableDrafts()
    for change in changes { drafts.take(change) }
    let changed = drafts.all.map { draft in
      TrieChange(table: draft.name, finish(draft, digester), digester)
    }
    let catalog = TrieNode.changed(catalog, by: changed, digester)
    return StateTree(head: head, catalog: catalog, digester)
  }

  /// All tables in order of their names, with their entries in order of their keys.
  package var tables: [StateTable] {
    var tables: [TrieEntry] = []
    catalog?.collect(into: &tables)
    return tables.sorted { $0.key.precedes($1.key) }.compactMap { entry in
      guard case .table(let table) = entry.value else { return nil }
      var held: [TrieEntry] = []
      table.root?.collect(into: &held)
      let entries = held.sorted { $0.key.precedes($1.key) }.map {
        StateEntry(key: $0.key, stamp: $0.stamp, value: $0.value.bytes)
      }
      return StateTable(name: entry.key, head: table.head, entries: entries)
    }
  }

  /// The table of a name.
  func table(_ name: Bytes, _ digester: some Digester) -> TableRoot? {
    let path = digester.digest(of: name.array, domain: .stateKey).bits
    guard case .table(let table)? = catalog?.entry(of: name, at: path)?.value else { return nil }
    return table
  }

  private func finish(_ draft: TableDraft, _ digester: some Digester) -> TableRoot? {
    guard !draft.isDropped else { return nil }
    let base = draft.isNew ? nil : table(draft.name, digester)
    guard let head = draft.head ?? base?.head else {
      invariant(false, "only tables that exist are changed")
      return nil
    }
    let changes = draft.changes.map { change in
      change.entry.map { TrieChange(key: change.key, put: $0, digester) }
        ?? TrieChange(key: change.key, entry: nil, digester)
    }
    return TableRoot(head: head, root: TrieNode.changed(base?.root, by: changes, digester))
  }
}

extension TrieChange {
  fileprivate init(key: Bytes, put entry: StateEntry, _ digester: some Digester) {
    let value = TrieValue(entry.value, digester)
    self.init(key: key, entry: TrieEntry(key: key, stamp: entry.stamp, value: value), digester)
  }

  fileprivate init(table name: Bytes, _ table: TableRoot?, _ digester: some Digester) {
    let entry = table.map { TrieEntry(key: name, stamp: 0, value: .table($0)) }
    self.init(key: name, entry: entry, digester)
  }
}
