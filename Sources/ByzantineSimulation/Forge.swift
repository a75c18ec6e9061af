import Consensus
import PBFT
import SymbolicCrypto
import Wire

/// Makes valid statements of any replica and client, as only a simulation and its liars can.
struct Forge {

  let keys: SymbolicKeys
  let authority: Authority
  /// How many blocks lie between checkpoints.
  let checkpointInterval: UInt64 = 4
  private let configuration: ClusterConfiguration

  init(_ plan: ByzantinePlan, clients: Int) {
    let replicas = plan.replicas
    let keys = SymbolicKeys(count: replicas + clients, seed: plan.seed)
    self.keys = keys
    configuration = ClusterConfiguration(
      seats: (0..<replicas).map {
        ClusterConfiguration.Seat(
          member: Member(id: NodeID(UInt32($0) + 1), incarnation: Incarnation(9)),
          clientAddress: "c",
          peerAddress: "p"
        )
      },
      sessionTimeoutMicroseconds: plan.sessionTimeoutMicroseconds,
      sessionsMax: plan.limits.sessionsMax
    )
    authority = Authority(
      cluster: ClusterID(high: 1, low: 2),
      replicas: keys.signers.prefix(replicas).map(\.publicKey),
      clients: keys.signers.dropFirst(replicas).map(\.publicKey),
      verifier: keys,
      digester: SymbolicDigester()
    )
  }

  /// What a replica is given whose log is short, so that runs soon come to its end.
  func options(of number: Int) -> PBFTOptions {
    var options = PBFTOptions(
      authority: authority,
      signer: keys.signers[number],
      configuration: configuration
    )
    options.batchRequestsMax = 4
    options.blocksInFlightMax = 3
    options.checkpointInterval = checkpointInterval
    options.windowSize = 8
    options.viewTimeoutMicroseconds = 200_000
    options.viewTimeoutMaxMicroseconds = 3_000_000
    options.statusIntervalMicroseconds = 50_000
    options.transferDelayMicroseconds = 150_000
    return options
  }

  /// A client's key; clients are numbered from 0.
  func clientSigner(_ client: Int) -> SymbolicSigner {
    keys.signers[authority.replicas.count + client]
  }

  /// The client of this number among the genesis' keys.
  func place(of client: ClientNumber) -> Int {
    let first = authority.replicas.count
    return keys.signers.dropFirst(first).firstIndex {
      authority.number(of: $0.publicKey) == client
    }.map { $0 - first } ?? 0
  }

  func envelope(client: Int, _ requests: [ClientRequest]) -> SignedEnvelope {
    let signer = clientSigner(client)
    return authority.sign(requests, by: signer)
  }

  func block(_ view: View, after parent: BlockHeader, body: [SignedEnvelope]) -> Block {
    let count = UInt32(body.reduce(0) { $0 + $1.requests.count })
    let header = BlockHeader(
      place: BlockPlace(view, parent.sequenceNumber.next),
      parent: authority.digest(of: parent),
      timeMicroseconds: parent.timeMicroseconds + 1,
      lastIndex: parent.lastIndex + Int(count),
      requestCount: count,
      bodySize: UInt32(authority.size(of: body)),
      bodyRoot: authority.bodyRoot(of: body),
      kind: .normal,
      newView: .zero
    )
    return Block(header: header, body: body)
  }

  func vote(_ kind: Vote.Kind, _ header: BlockHeader, by replica: Int, counter: UInt64) -> Vote {
    authority.sign(
      Vote(
        kind: kind,
        place: header.place,
        digest: authority.digest(of: header),
        replica: ReplicaNumber(UInt8(replica)),
        counter: counter,
        signature: .unsigned
      ),
      by: keys.signers[replica]
    )
  }

  func proposal(_ block: Block, counter: UInt64) -> PrePrepare {
    let primary = authority.primary(of: block.header.view).place
    return PrePrepare(
      block: block,
      vote: vote(.prePrepare, block.header, by: primary, counter: counter)
    )
  }

  func checkpoint(_ header: BlockHeader, root: UInt64, by replica: Int, counter: UInt64)
    -> CheckpointVote
  {
    authority.sign(
      CheckpointVote(
        sequenceNumber: header.sequenceNumber,
        digest: authority.digest(of: header),
        stateRoot: Digest(bits: Bits256(root, 0, 0, 0)),
        replica: ReplicaNumber(UInt8(replica)),
        counter: counter,
        signature: .unsigned
      ),
      by: keys.signers[replica]
    )
  }

  func viewChange(
    to view: View,
    by replica: Int,
    stable: StableCertificate?,
    high: PreparedCertificate?,
    counter: UInt64
  ) -> ViewChange {
    authority.sign(
      ViewChange(
        newView: view,
        stable: stable,
        high: high,
        replica: ReplicaNumber(UInt8(replica)),
        counter: counter,
        signature: .unsigned
      ),
      by: keys.signers[replica]
    )
  }

  func newView(_ view: View, of changes: [ViewChange], counter: UInt64) -> NewView {
    let primary = authority.primary(of: view)
    return authority.sign(
      NewView(
        newView: view,
        viewChanges: changes,
        replica: primary,
        counter: counter,
        signature: .unsigned
      ),
      by: keys.signers[primary.place]
    )
  }
}
