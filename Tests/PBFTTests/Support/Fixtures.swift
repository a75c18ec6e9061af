import Consensus
import Wire

@testable import PBFT

/// Makes valid statements of any replica, as only tests and liars can.
struct Forge {
  let keys = SymbolicKeys()
  let authority: Authority

  init(replicas: Int = 4, clients: Int = 3) {
    let keys = SymbolicKeys()
    authority = Authority(
      cluster: ClusterID(high: 1, low: 2),
      replicas: (0..<replicas).map { keys.publicKey(of: $0) },
      clients: (0..<clients).map { keys.publicKey(of: 100 + $0) },
      verifier: keys,
      digester: keys
    )
  }

  func envelope(client: Int = 0, first: UInt64 = 1, count: Int = 1, text: String = "a")
    -> SignedEnvelope
  {
    let requests = (0..<count).map {
      ClientRequest(
        .write,
        session: UInt64(client) + 1,
        sequence: first + UInt64($0),
        command: Bytes(Array("\(text)\($0)".utf8))
      )
    }
    return authority.sign(requests, by: keys.signer(of: 100 + client))
  }

  func block(
    _ view: UInt64,
    after parent: BlockHeader = .genesis,
    body: [SignedEnvelope]? = nil,
    newView: NewView? = nil
  ) -> Block {
    let body = newView == nil ? body ?? [envelope()] : []
    let count = UInt32(body.reduce(0) { $0 + $1.requests.count })
    let header = BlockHeader(
      place: BlockPlace(View(view), parent.sequenceNumber.next),
      parent: authority.digest(of: parent),
      timeMicroseconds: parent.timeMicroseconds + 1,
      lastIndex: parent.lastIndex + Int(newView == nil ? count : 1),
      requestCount: count,
      bodySize: UInt32(authority.size(of: body)),
      bodyRoot: authority.bodyRoot(of: body),
      kind: newView == nil ? .normal : .anchor,
      newView: newView.map { authority.digest(of: $0) } ?? .zero
    )
    return Block(header: header, body: body)
  }

  func vote(_ kind: Vote.Kind, _ header: BlockHeader, by replica: Int, counter: UInt64 = 1) -> Vote
  {
    authority.sign(
      Vote(
        kind: kind,
        place: header.place,
        digest: authority.digest(of: header),
        replica: ReplicaNumber(UInt8(replica)),
        counter: counter,
        signature: .unsigned
      ),
      by: keys.signer(of: replica)
    )
  }

  func proposal(_ block: Block, counter: UInt64 = 1) -> PrePrepare {
    let primary = authority.primary(of: block.header.view).place
    return PrePrepare(
      block: block,
      vote: vote(.prePrepare, block.header, by: primary, counter: counter)
    )
  }

  func prepared(_ header: BlockHeader, by backups: [Int]? = nil) -> PreparedCertificate {
    let primary = authority.primary(of: header.view).place
    let others = (0..<authority.replicas.count).filter { $0 != primary }
    let signers = backups ?? Array(others.prefix(authority.quorum - 1))
    return PreparedCertificate(
      header: header,
      primary: Endorsement(vote(.prePrepare, header, by: primary)),
      backups: signers.map { Endorsement(vote(.prepare, header, by: $0, counter: 2)) }
    )
  }

  func committed(_ header: BlockHeader) -> CommitCertificate {
    CommitCertificate(
      header: header,
      replicas: (0..<authority.quorum).map {
        Endorsement(vote(.commit, header, by: $0, counter: 3))
      }
    )
  }

  func checkpoint(_ header: BlockHeader, root: UInt64, by replica: Int, counter: UInt64 = 4)
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
      by: keys.signer(of: replica)
    )
  }

  func stable(_ header: BlockHeader, root: UInt64 = 9) -> StableCertificate {
    StableCertificate(
      header: header,
      stateRoot: Digest(bits: Bits256(root, 0, 0, 0)),
      replicas: (0..<authority.quorum).map {
        Endorsement(checkpoint(header, root: root, by: $0))
      }
    )
  }

  func viewChange(
    to view: UInt64,
    by replica: Int,
    stable: StableCertificate? = nil,
    high: PreparedCertificate? = nil,
    counter: UInt64 = 5
  ) -> ViewChange {
    authority.sign(
      ViewChange(
        newView: View(view),
        stable: stable,
        high: high,
        replica: ReplicaNumber(UInt8(replica)),
        counter: counter,
        signature: .unsigned
      ),
      by: keys.signer(of: replica)
    )
  }

  func newView(_ view: UInt64, of changes: [ViewChange], counter: UInt64 = 6) -> NewView {
    let primary = authority.primary(of: View(view))
    return authority.sign(
      NewView(
        newView: View(view),
        viewChanges: changes,
        replica: primary,
        counter: counter,
        signature: .unsigned
      ),
      by: keys.signer(of: primary.place)
    )
  }
}

extension Forge {
  /// What a replica is given whose log is short, so that tests soon come to its end.
  func options(of number: Int) -> PBFTOptions {
    let seats = authority.replicas.indices.map {
      ClusterConfiguration.Seat(
        member: Member(id: NodeID(UInt32($0) + 1), incarnation: Incarnation(9)),
        clientAddress: "c",
        peerAddress: "p"
      )
    }
    var options = PBFTOptions(
      authority: authority,
      signer: keys.signer(of: number),
      configuration: ClusterConfiguration(seats: seats)
    )
    options.batchRequestsMax = 4
    options.blocksInFlightMax = 3
    options.checkpointInterval = 4
    options.windowSize = 8
    options.viewTimeoutMicroseconds = 200_000
    options.viewTimeoutMaxMicroseconds = 3_000_000
    options.statusIntervalMicroseconds = 50_000
    options.transferDelayMicroseconds = 150_000
    // Time passes in long steps here in which a replica runs.
    options.tickGapMaxMicroseconds = .max
    return options
  }
}
