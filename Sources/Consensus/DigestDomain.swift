/// What the digested bytes are; its number goes in front of them.
///
/// A leaf of a Merkle tree can thus never pass as an inner node, nor a block as a leaf. All
/// numbers stand here, because two uses of one number would undo that.
package enum DigestDomain: UInt8, CaseIterable, Sendable {
  /// A leaf of a Merkle tree.
  case leaf = 0
  /// An inner node of a Merkle tree: the digests of its children.
  case inner = 1
  /// The header of a block.
  case block = 2
  /// A client's envelope.
  case envelope = 3
  /// A new-view message.
  case newView = 4
  /// A piece of evidence: its name.
  case evidence = 5
  /// A genesis file: the name of its cluster.
  case genesis = 6
  /// The first page of a state: what else is a root over.
  case stateHead = 7
  /// A value that stands beside its leaf.
  case stateValue = 8
  /// The key of an entry: where it stands in a trie.
  case stateKey = 9
  /// A client's request, as a receipt names it.
  case request = 10
  /// What a client was told, as a receipt names it.
  case result = 11
}
