package import Consensus
package import Wire

/// A vote for a block.
///
/// A primary's `prePrepare` counts as its prepare.
package struct Vote: ReplicaSigned {
  /// What the vote promises.
  package enum Kind: UInt8, Sendable {
    /// The primary proposes the block.
    case prePrepare = 1
    /// A backup holds the block and all before it durably, and no other of this place.
    case prepare = 2
    /// The replica holds a prepared certificate for the block durably.
    case commit = 3
  }

  /// What it promises.
  package var kind: Kind
  /// The block's place.
  package var place: BlockPlace
  /// The block.
  package var digest: Digest
  /// Who votes.
  package var replica: ReplicaNumber
  /// The voter's count of statements.
  package var counter: UInt64
  /// The voter's signature.
  package var signature: Signature

  package init(
    kind: Kind,
    place: BlockPlace,
    digest: Digest,
    replica: ReplicaNumber,
    counter: UInt64,
    signature: Signature
  ) {
    self.kind = kind
    self.place = place
    self.digest = digest
    self.replica = replica
    self.counter = counter
    self.signature = signature
  }

  /// A kind of its own for each kind of vote.
  package var domain: SigningDomain {
    switch kind {
    case .prePrepare: .prePrepare
    case .prepare: .prepare
    case .commit: .commit
    }
  }

  /// Writes kind, place, digest, replica and counter.
  package func encodeContent(into writer: inout ByteWriter) {
    writer.write(kind.rawValue)
    writer.write(place)
    writer.write(digest)
    writer.write(replica)
    writer.write(counter)
  }

  /// Reads a vote.
  package init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    guard let kind = Kind(rawValue: try reader.read()) else {
      throw .badValue("vote kind", offset: offset)
    }
    self.init(
      kind: kind,
      place: try reader.read(),
      digest: try reader.read(),
      replica: try reader.read(),
      counter: try reader.readNumber("counter"),
      signature: try reader.read()
    )
  }
}
