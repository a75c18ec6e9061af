import Consensus
import Wire

/// What is digested, and sent, of a state: a page or a value (docs/formats/state-tree.md).
package struct StatePiece: Equatable, Sendable {
  /// What the bytes are.
  package enum Kind: UInt8, CaseIterable, Sendable {
    /// The state's first page: the catalog's root, and what is in no table.
    case head = 0
    /// Some entries.
    case leaf = 1
    /// The digests of 16 nodes.
    case inner = 2
    /// A value that its leaf only has the digest of.
    case value = 3

    var domain: DigestDomain {
      switch self {
      case .head: .stateHead
      case .leaf: .leaf
      case .inner: .inner
      case .value: .stateValue
      }
    }
  }

  /// What the bytes are.
  package let kind: Kind
  /// The bytes.
  package let bytes: [UInt8]

  /// The longest; documents and sessions are little more than half of it.
  package static let sizeMax = 2 << 20

  init(_ kind: Kind, _ bytes: [UInt8]) {
    self.kind = kind
    self.bytes = bytes
  }

  func digest(_ digester: some Digester) -> Digest {
    digester.digest(of: bytes, domain: kind.domain)
  }
}

// What the pieces of nodes hold.
extension StatePiece {
  /// A node's page.
  init(_ content: TrieNode.Content) {
    switch content {
    case .leaf(let entries):
      var writer = ByteWriter(capacity: entries.count * 128)
      writer.write(UInt8(entries.count))
      for entry in entries { Self.write(entry, into: &writer) }
      self.init(.leaf, writer.finish())
    case .inner(let children):
      var writer = ByteWriter(capacity: TrieNode.fanOut * Bits256.size)
      for child in children { writer.write(child?.digest ?? .zero) }
      self.init(.inner, writer.finish())
    }
  }

  private static func write(_ entry: TrieEntry, into writer: inout ByteWriter) {
    writer.write(UInt16(entry.key.count))
    writer.writeRaw(entry.key)
    writer.write(entry.stamp)
    switch entry.value {
    case .small(let bytes):
      writer.write(PageEntry.Kind.small.rawValue)
      writer.write(UInt16(bytes.count))
      writer.writeRaw(bytes)
    case .large(let value):
      writer.write(PageEntry.Kind.large.rawValue)
      writer.write(value.digest)
    case .table(let table):
      writer.write(PageEntry.Kind.table.rawValue)
      writer.write(UInt16(table.head.count))
      writer.writeRaw(table.head)
      writer.write(table.root?.digest ?? .zero)
    }
  }
}
