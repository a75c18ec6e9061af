package import Consensus
package import Wire

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
