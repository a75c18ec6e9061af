package import Consensus
package import Wire

/// Where a piece stands in a state.
package enum StatePlace: Equatable, Sendable {
  /// The first page.
  case head
  /// A node: of a table, or of the catalog where no table is named, and the steps to it from the
  /// root, each below 16.
  case node(table: Bytes?, path: [UInt8])
  /// The value of a key, where its leaf has the digest only.
  case value(table: Bytes, key: Bytes)
}

/// A piece that somebody needs.
package struct StateWant: Equatable, Sendable {
  /// What it has to be.
  package var digest: Digest
  /// Where to look for it.
  package var place: StatePlace

  package init(digest: Digest, place: StatePlace) {
    self.digest = digest
    self.place = place
  }
}

extension StateTree {
  /// The piece of a digest, if that is what stands at its place.
  package func piece(_ want: StateWant, using digester: some Digester) -> StatePiece? {
    switch want.place {
    case .head:
      guard want.digest == root else { return nil }
      return HeadPage(head: head, catalog: catalog?.digest ?? .zero).piece
    case .node, .value:
      switch holding(want, digester) {
      case .node(let node): return StatePiece(node.content)
      case .value(let value): return StatePiece(.value, value.bytes.array)
      case nil: return nil
      }
    }
  }

  /// What stands at a place, if it has this digest; nil for the first page.
  func holding(_ want: StateWant, _ digester: some Digester) -> Holding? {
    switch want.place {
    case .head: return nil
    case .node(let name, let path):
      let root = name.map { table($0, digester)?.root } ?? catalog
      guard let node = root?.node(at: path), node.digest == want.digest else { return nil }
      return .node(node)
    case .value(let name, let key):
      let path = digester.digest(of: key.array, domain: .stateKey).bits
      let entry = table(name, digester)?.root?.entry(of: key, at: path)
      guard case .large(let value)? = entry?.value, value.digest == want.digest else { return nil }
      return .value(value)
    }
  }

  /// A part of a state that is here.
  enum Holding: Sendable {
    case node(TrieNode)
    case value(LargeValue)
  }
}
