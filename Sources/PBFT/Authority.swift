package import Consensus
import Wire

/// Who may sign what in one cluster: checks signatures, certificates and blocks, and nothing else.
///
/// All of it depends on the arguments and on the genesis alone, so that it also serves whoever
/// checks evidence without a cluster.
package struct Authority: Sendable {
  /// The cluster that everything signed names.
  package let cluster: ClusterID
  /// The replicas' keys, by number.
  package let replicas: [PublicKey]
  /// The clients' keys, ascending.
  package let clients: [PublicKey]
  /// Tells signatures from forgeries.
  package let verifier: any Verifier
  /// Makes digests.
  package let digester: any Digester

  /// The authority of a genesis.
  package init(
    cluster: ClusterID,
    replicas: [PublicKey],
    clients: [PublicKey],
    verifier: any Verifier,
    digester: any Digester
  ) {
    invariant([1, 4, 7].contains(replicas.count), "there are 3f+1 replicas, f at most 2")
    self.cluster = cluster
    self.replicas = replicas
    self.clients = clients.sorted()
    self.verifier = verifier
    self.digester = digester
  }

  /// How many replicas may lie: f.
  package var faultsMax: Int { (replicas.count - 1) / 3 }
  /// How many speak for all: 2f+1.
  ///
  /// Two quorums share f+1 replicas, hence an honest one.
  package var quorum: Int { 2 * faultsMax + 1 }

  /// Who proposes in a view.
  package func primary(of view: View) -> ReplicaNumber {
    ReplicaNumber(UInt8(view.rawValue % UInt64(replicas.count)))
  }

  /// The number of a client's key; nil if the genesis does not name it.
  package func number(of client: PublicKey) -> ClientNumber? {
    clients.firstIndex(of: client).map { ClientNumber(UInt16($0 + 1)) }
  }

  // MARK: Signatures

  /// The bytes that a signature is over: use, mode and version, domain, cluster, content.
  func signedBytes(
    of content: (inout ByteWriter) -> Void,
    domain: SigningDomain
  ) -> [UInt8] {
    domain.signedBytes(in: cluster, content)
  }

  /// A statement with its signature.
  package func sign<Statement: ReplicaSigned>(
    _ statement: Statement,
    by signer: any Signer
  ) -> Statement {
    var signed = statement
    let bytes = signedBytes(of: { statement.encodeContent(into: &$0) }, domain: statement.domain)
    signed.signature = signer.sign(bytes)
    return signed
  }

  /// Requests under a client's signature.
  package func sign(_ requests: [ClientRequest], by signer: any Signer) -> SignedEnvelope {
    SignedEnvelope(requests, by: signer, in: cluster, digester)
  }

  /// Whether the replica that a statement names has made it.
  package func isValid(_ statement: some ReplicaSigned) -> Bool {
    guard statement.replica.place < replicas.count else { return false }
    let bytes = signedBytes(of: { statement.encodeContent(into: &$0) }, domain: statement.domain)
    return verifier.isValid(statement.signature, of: bytes, by: replicas[statement.replica.place])
  }

  /// The bytes that a client signs: the digest of the envelope's content.
  package func signedBytes(of envelope: SignedEnvelope) -> [UInt8] {
    envelope.signedBytes(in: cluster, digester)
  }

  /// Whether a registered client has made an envelope, with each request once.
  package func isValid(_ envelope: SignedEnvelope) -> Bool {
    Set(envelope.keys).count == envelope.requests.count
      && clients.contains(envelope.client)
      && verifier.isValid(
        envelope.signature,
        of: signedBytes(of: envelope),
        by: envelope.client
      )
  }

  // MARK: Digests

  /// The digest that names a block.
  package func digest(of header: BlockHeader) -> Digest {
    digester.digest(of: header.encoded(expectedSize: 160), domain: .block)
  }

  /// The digest that an anchor names.
  package func digest(of newView: NewView) -> Digest {
    digester.digest(of: newView.encoded(expectedSize: 4_096), domain: .newView)
  }

  /// The digest over a body: of all envelopes, each by its own digest, signatures included.
  package func bodyRoot(of body: [SignedEnvelope]) -> Digest {
    var writer = ByteWriter(capacity: 32 * body.count)
    for envelope in body {
      writer.write(digester.digest(of: envelope.encoded(expectedSize: 256), domain: .leaf))
    }
    return digester.digest(of: writer.finish(), domain: .inner)
  }

  /// How many bytes a body has.
  package func size(of body: [SignedEnvelope]) -> Int {
    body.reduce(0) { $0 + $1.encodedSize }
  }

  /// Whether a body is the one that its header stands for.
  ///
  /// Signatures are not looked at.
  package func isWhole(_ block: Block) -> Bool {
    isCounted(block) && block.header.bodyRoot == bodyRoot(of: block.body)
  }

  /// Whether a header counts its body right.
  func isCounted(_ block: Block) -> Bool {
    let header = block.header
    return header.kind != .genesis
      && header.requestCount == UInt32(block.body.reduce(0) { $0 + $1.requests.count })
      && Int(header.bodySize) == size(of: block.body)
  }

  // MARK: Certificates

  /// Whether 2f+1 replicas, the block's primary among them, hold the block.
  package func isValid(_ certificate: PreparedCertificate) -> Bool {
    let header = certificate.header
    let signers = certificate.backups.map(\.replica) + [certificate.primary.replica]
    guard header.kind != .genesis,
      certificate.primary.replica == primary(of: header.view),
      hasQuorum(signers)
    else { return false }
    return votes(in: certificate).allSatisfy { isValid($0) }
  }

  /// Whether 2f+1 replicas have committed the block.
  package func isValid(_ certificate: CommitCertificate) -> Bool {
    let header = certificate.header
    guard header.kind != .genesis, hasQuorum(certificate.replicas.map(\.replica)) else {
      return false
    }
    return votes(in: certificate).allSatisfy { isValid($0) }
  }

  /// Whether 2f+1 replicas came to the state after the block.
  package func isValid(_ certificate: StableCertificate) -> Bool {
    let header = certificate.header
    guard header.kind != .genesis, hasQuorum(certificate.replicas.map(\.replica)) else {
      return false
    }
    return votes(in: certificate).allSatisfy { isValid($0) }
  }

  /// Exactly 2f+1 different replicas: a certificate has no more, so that equal facts have
  /// certificates of equal size.
  private func hasQuorum(_ signers: [ReplicaNumber]) -> Bool {
    signers.count == quorum && Set(signers).count == quorum
  }

  // MARK: What certificates are made of

  /// The votes of a certificate: the primary's, then the backups'.
  package func votes(in certificate: PreparedCertificate) -> [Vote] {
    let digest = digest(of: certificate.header)
    let place = certificate.header.place
    return [vote(.prePrepare, place, digest, certificate.primary)]
      + certificate.backups.map { vote(.prepare, place, digest, $0) }
  }

  /// The votes of a certificate.
  package func votes(in certificate: CommitCertificate) -> [Vote] {
    let digest = digest(of: certificate.header)
    return certificate.replicas.map { vote(.commit, certificate.header.place, digest, $0) }
  }

  /// The words for a state of a certificate.
  package func votes(in certificate: StableCertificate) -> [CheckpointVote] {
    let digest = digest(of: certificate.header)
    return certificate.replicas.map { endorsement in
      CheckpointVote(
        sequenceNumber: certificate.header.sequenceNumber,
        digest: digest,
        stateRoot: certificate.stateRoot,
        replica: endorsement.replica,
        counter: endorsement.counter,
        signature: endorsement.signature
      )
    }
  }

  private func vote(
    _ kind: Vote.Kind,
    _ place: BlockPlace,
    _ digest: Digest,
    _ endorsement: Endorsement
  ) -> Vote {
    Vote(
      kind: kind,
      place: place,
      digest: digest,
      replica: endorsement.replica,
      counter: endorsement.counter,
      signature: endorsement.signature
    )
  }
}
