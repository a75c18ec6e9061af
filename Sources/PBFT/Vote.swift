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

/// A primary's proposal: the block and the primary's vote for it.
package struct PrePrepare: Hashable, Sendable {
  /// What is proposed.
  package var block: Block
  /// The primary's vote, of kind `prePrepare`.
  package var vote: Vote

  package init(block: Block, vote: Vote) {
    self.block = block
    self.vote = vote
  }
}

extension PrePrepare: WireCodable {
  /// Writes block and vote.
  package func encode(into writer: inout ByteWriter) {
    writer.write(block)
    writer.write(vote)
  }

  /// Reads a proposal; a vote of another kind or place is refused.
  package init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    self.init(block: try reader.read(), vote: try reader.read())
    guard vote.kind == .prePrepare, vote.place == block.header.place else {
      throw .badValue("proposal", offset: offset)
    }
  }
}

/// A replica's word for the state after a block.
package struct CheckpointVote: ReplicaSigned {
  /// The block.
  package var sequenceNumber: SequenceNumber
  /// The block's digest.
  package var digest: Digest
  /// The root of the state that includes it, as the replica computed it.
  package var stateRoot: Digest
  /// Who says it.
  package var replica: ReplicaNumber
  /// The replica's count of statements.
  package var counter: UInt64
  /// The replica's signature.
  package var signature: Signature

  package init(
    sequenceNumber: SequenceNumber,
    digest: Digest,
    stateRoot: Digest,
    replica: ReplicaNumber,
    counter: UInt64,
    signature: Signature
  ) {
    self.sequenceNumber = sequenceNumber
    self.digest = digest
    self.stateRoot = stateRoot
    self.replica = replica
    self.counter = counter
    self.signature = signature
  }

  /// That of checkpoints.
  package var domain: SigningDomain { .checkpoint }

  /// Writes sequence number, digest, state root, replica and counter.
  package func encodeContent(into writer: inout ByteWriter) {
    writer.write(sequenceNumber)
    writer.write(digest)
    writer.write(stateRoot)
    writer.write(replica)
    writer.write(counter)
  }

  /// Reads a vote.
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      sequenceNumber: try reader.read(),
      digest: try reader.read(),
      stateRoot: try reader.read(),
      replica: try reader.read(),
      counter: try reader.readNumber("counter"),
      signature: try reader.read()
    )
  }
}
