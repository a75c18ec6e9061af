import Consensus
import Wire

/// An entry as a leaf holds it.
struct TrieEntry: Sendable {
  let key: Bytes
  let stamp: UInt64
  let value: TrieValue
}

/// What stands under a key.
enum TrieValue: Sendable {
  /// Bytes that stand in the leaf itself.
  case small(Bytes)
  /// Bytes of which the leaf has the digest only.
  case large(LargeValue)
  /// A table: in the catalog alone.
  case table(TableRoot)

  /// The longest value that stands in its leaf.
  static let smallSizeMax = 256

  init(_ bytes: Bytes, _ digester: some Digester) {
    if bytes.count <= Self.smallSizeMax {
      self = .small(bytes)
    } else {
      let digest = digester.digest(of: bytes.array, domain: .stateValue)
      self = .large(LargeValue(bytes: bytes, digest: digest))
    }
  }

  /// The bytes; those of a table are none.
  var bytes: Bytes {
    switch self {
    case .small(let bytes): bytes
    case .large(let large): large.bytes
    case .table: []
    }
  }
}

/// A value beside its leaf: its digest is computed once.
final class LargeValue: Sendable {
  let bytes: Bytes
  let digest: Digest

  init(bytes: Bytes, digest: Digest) {
    self.bytes = bytes
    self.digest = digest
  }
}

/// A table, as its name leads to it.
final class TableRoot: Sendable {
  let head: [UInt8]
  /// Nil if it is empty.
  let root: TrieNode?

  init(head: [UInt8], root: TrieNode?) {
    self.head = head
    self.root = root
  }
}

extension Bytes {
  /// Whether these bytes come first in lexicographic order.
  func precedes(_ other: Bytes) -> Bool {
    let (own, others) = (Bytes.head(of: storage, range), Bytes.head(of: other.storage, other.range))
    if own != others { return own < others }
    return storage[range].lexicographicallyPrecedes(other.storage[other.range])
  }
}
