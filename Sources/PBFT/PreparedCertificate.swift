package import Consensus

/// One replica's signature under a statement whose content is written once for all.
package struct Endorsement: Hashable, Sendable {
  /// Who signed.
  package var replica: ReplicaNumber
  /// The signer's count of statements.
  package var counter: UInt64
  /// The signature.
  package var signature: Signature

  package init(replica: ReplicaNumber, counter: UInt64, signature: Signature) {
    self.replica = replica
    self.counter = counter
    self.signature = signature
  }

  /// What a statement leaves in a certificate.
  package init(_ statement: some ReplicaSigned) {
    self.init(
      replica: statement.replica,
      counter: statement.counter,
      signature: statement.signature
    )
  }
}

/// Proof that 2f+1 replicas hold a block and everything before it: no other block of its view can
/// have one at this place.
package struct PreparedCertificate: Hashable, Sendable {
  /// The block.
  package var header: BlockHeader
  /// The primary's, under its proposal.
  package var primary: Endorsement
  /// Those of 2f backups under their prepares, ascending.
  package var backups: [Endorsement]

  package init(header: BlockHeader, primary: Endorsement, backups: [Endorsement]) {
    self.header = header
    self.primary = primary
    self.backups = backups
  }
}

/// Proof that a block is committed, and so is everything before it.
package struct CommitCertificate: Hashable, Sendable {
  /// The block.
  package var header: BlockHeader
  /// Those of 2f+1 replicas under their commits, ascending.
  package var replicas: [Endorsement]

  package init(header: BlockHeader, replicas: [Endorsement]) {
    self.header = header
    self.replicas = replicas
  }
}

/// Proof that a block is committed and what state it leads to: whoever lacks the block can go on
/// from the state alone.
package struct StableCertificate: Hashable, Sendable {
  /// The block.
  package var header: BlockHeader
  /// The root of the state that includes it.
  package var stateRoot: Digest
  /// Those of 2f+1 replicas under their checkpoints, ascending.
  package var replicas: [Endorsement]

  package init(header: BlockHeader, stateRoot: Digest, replicas: [Endorsement]) {
    self.header = header
    self.stateRoot = stateRoot
    self.replicas = replicas
  }
}
