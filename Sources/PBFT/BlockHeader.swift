package import Consensus

/// What a block says about itself and what came before; its digest names the block and, through
/// the parent, the whole chain up to it.
package struct BlockHeader: Hashable, Sendable {
  /// What a block is for.
  package enum Kind: UInt8, Sendable {
    /// The block that every chain begins with; it is never sent.
    case genesis = 0
    /// Holds clients' requests.
    case normal = 1
    /// The first block of a view but the first: empty, and names the new-view message.
    case anchor = 2
  }

  /// Where it was born; it keeps this place for ever and is never proposed again.
  package var place: BlockPlace
  /// The digest of the block before it.
  package var parent: Digest
  /// The primary's clock in microseconds since 1970; above the parent's.
  package var timeMicroseconds: UInt64
  /// The log index of its last entry: the parent's and one for each request, or for the anchor.
  package var lastIndex: LogIndex
  /// How many requests the body has.
  package var requestCount: UInt32
  /// How many bytes the body has.
  package var bodySize: UInt32
  /// The digest over the body, signatures of clients included.
  package var bodyRoot: Digest
  /// What it is for.
  package var kind: Kind
  /// For an anchor the digest of the new-view message that it stands on; zero otherwise.
  package var newView: Digest

  package init(
    place: BlockPlace,
    parent: Digest,
    timeMicroseconds: UInt64,
    lastIndex: LogIndex,
    requestCount: UInt32,
    bodySize: UInt32,
    bodyRoot: Digest,
    kind: Kind,
    newView: Digest
  ) {
    self.place = place
    self.parent = parent
    self.timeMicroseconds = timeMicroseconds
    self.lastIndex = lastIndex
    self.requestCount = requestCount
    self.bodySize = bodySize
    self.bodyRoot = bodyRoot
    self.kind = kind
    self.newView = newView
  }

  /// The block that every chain begins with: it stands for the configuration, at log index 1.
  package static let genesis = BlockHeader(
    place: .zero,
    parent: .zero,
    timeMicroseconds: 0,
    lastIndex: LogIndex(1),
    requestCount: 0,
    bodySize: 0,
    bodyRoot: .zero,
    kind: .genesis,
    newView: .zero
  )

  /// Its place in the chain.
  package var sequenceNumber: SequenceNumber { place.sequenceNumber }
  /// The view it was born in.
  package var view: View { place.view }
  /// The log index of its first entry.
  package var firstIndex: LogIndex {
    switch kind {
    case .genesis, .anchor: lastIndex
    case .normal: LogIndex(lastIndex.rawValue - UInt64(requestCount) + 1)
    }
  }

  /// Whether it may follow the other: next in place, later in time, of no earlier view, and its
  /// entries numbered on.
  package func canFollow(_ parent: BlockHeader) -> Bool {
    let entries = kind == .anchor ? 1 : UInt64(requestCount)
    return sequenceNumber == parent.sequenceNumber.next
      && view >= parent.view
      && timeMicroseconds > parent.timeMicroseconds
      && lastIndex.rawValue == parent.lastIndex.rawValue + entries
  }
}
