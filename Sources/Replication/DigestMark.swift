package import Consensus

/// What all results up to and including an entry came to at one node.
package struct DigestMark: Equatable, Sendable {
  /// The entry.
  package var index: LogIndex
  /// The digest over the results of it and all before it.
  package var digest: UInt64

  package init(index: LogIndex, digest: UInt64) {
    self.index = index
    self.digest = digest
  }
}
