import Consensus
import Wire

/// A node of a Merkle trie over the digests of its entries' keys, four bits a level.
///
/// A node is a leaf exactly if at most 32 entries lie beneath it. The shape is thus a function of
/// the set of entries: whoever came to it in whatever order has the same digests. Nodes never
/// change, so that states share all that they have in common.
final class TrieNode: Sendable {
  enum Content: Sendable {
    /// In order of their keys.
    case leaf([TrieEntry])
    /// One for each value of four bits; nil where nothing lies beneath.
    case inner([TrieNode?])
  }

  /// The most entries of a leaf.
  static let leafMax = 32
  /// How many children an inner node has.
  static let fanOut = 16
  /// A digest has so many times four bits.
  static let depthMax = 64

  let content: Content
  /// Of the node's page.
  let digest: Digest
  /// How many entries lie beneath.
  let count: Int

  /// A node of which the digest is known.
  init(_ content: Content, digest: Digest) {
    self.content = content
    self.digest = digest
    count =
      switch content {
      case .leaf(let entries): entries.count
      case .inner(let children): children.reduce(0) { $0 + ($1?.count ?? 0) }
      }
  }

  convenience init(_ content: Content, _ digester: some Digester) {
    self.init(content, digest: StatePiece(content).digest(digester))
  }

  /// The node that some steps lead to.
  func node(at path: [UInt8]) -> TrieNode? {
    var node = self
    for step in path {
      guard case .inner(let children) = node.content, let next = children[Int(step & 15)] else {
        return nil
      }
      node = next
    }
    return node
  }

  /// The entry of a key; `path` is the key's digest.
  func entry(of key: Bytes, at path: Bits256) -> TrieEntry? {
    var node = self
    for depth in 0..<Self.depthMax {
      switch node.content {
      case .leaf(let entries): return entries.first { $0.key == key }
      case .inner(let children):
        guard let next = children[path.nibble(at: depth)] else { return nil }
        node = next
      }
    }
    return nil
  }

  /// Adds all entries beneath, in no order that means anything.
  func collect(into entries: inout [TrieEntry]) {
    switch content {
    case .leaf(let held): entries += held
    case .inner(let children):
      for child in children { child?.collect(into: &entries) }
    }
  }
}
