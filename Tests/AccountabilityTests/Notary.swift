import Consensus
import Crypto
import PBFT
import Wire

/// Makes whatever anybody of a cluster of four may sign, with real Ed25519 keys.
struct Notary {
  let replicas: [PrivateKey]
  let clients: [PrivateKey]
  let authority: Authority

  init() throws {
    replicas = try (0..<4).map { _ in try PrivateKey.generate() }
    clients = try (0..<2).map { _ in try PrivateKey.generate() }
    authority = Authority(
      cluster: ClusterID(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210),
      replicas: replicas.map(\.publicKey),
      clients: clients.map(\.publicKey),
      verifier: Ed25519Verifier(keys: replicas.map(\.publicKey)),
      digester: SHA256Digester()
    )
  }

  func sign<Said: ReplicaSigned>(_ statement: Said) -> Said {
    authority.sign(statement, by: replicas[statement.replica.place])
  }

  func envelope(_ text: String = "a", client: Int = 0, sequence: UInt64 = 1) -> SignedEnvelope {
    let request = request(text, sequence: sequence)
    return authority.sign([request], by: clients[client])
  }

  func request(_ text: String = "a", sequence: UInt64 = 1) -> ClientRequest {
    ClientRequest(
      .write,
      session: 1 << 16 | 1,
      sequence: sequence,
      answeredThrough: sequence - 1,
      command: Bytes(Array(text.utf8))
    )
  }

  func block(
    after parent: BlockHeader = .genesis,
    view: UInt64 = 0,
    body: [SignedEnvelope]? = nil
  ) -> Block {
    let body = body ?? [envelope()]
    let count = body.reduce(0) { $0 + $1.requests.count }
    return Block(
      header: BlockHeader(
        place: BlockPlace(View(view), parent.sequenceNumber.next),
        parent: authority.digest(of: parent),
        timeMicroseconds: parent.timeMicroseconds + 1,
        lastIndex: parent.lastIndex + count,
        requestCount: UInt32(count),
        bodySize: UInt32(authority.size(of: body)),
        bodyRoot: authority.bodyRoot(of: body),
        kind: .normal,
        newView: .zero
      ),
      body: body
    )
  }

  func vote(_ kind: Vote.Kind, _ header: BlockHeader, by replica: Int = 1, counter: UInt64 = 1)
    -> Vote
  {
    sign(
      Vote(
        kind: kind,
        place: header.place,
        digest: authority.digest(of: header),
        replica: ReplicaNumber(UInt8(replica)),
        counter: counter,
        signature: .unsigned
      )
    )
  }

  func checkpoint(_ header: BlockHeader, root: UInt64, by replica: Int = 1) -> CheckpointVote {
    sign(
      CheckpointVote(
        sequenceNumber: header.sequenceNumber,
        digest: authority.digest(of: header),
        stateRoot: Digest(bits: Bits256(root, 0, 0, 0)),
        replica: ReplicaNumber(UInt8(replica)),
        counter: 4,
        signature: .unsigned
      )
    )
  }

  func prepared(_ header: BlockHeader) -> PreparedCertificate {
    let primary = authority.primary(of: header.view).place
    let backups = (0..<4).filter { $0 != primary }.prefix(2)
    return PreparedCertificate(
      header: header,
      primary: Endorsement(vote(.prePrepare, header, by: primary)),
      backups: backups.map { Endorsement(vote(.prepare, header, by: $0, counter: 2)) }
    )
  }

  func stable(_ header: BlockHeader) -> StableCertificate {
    StableCertificate(
      header: header,
      stateRoot: Digest(bits: Bits256(9, 0, 0, 0)),
      replicas: (0..<3).map { Endorsement(checkpoint(header, root: 9, by: $0)) }
    )
  }

  func viewChange(
    to view: UInt64 = 1,
    by replica: Int = 1,
    stable: StableCertificate? = nil,
    high: PreparedCertificate? = nil,
    counter: UInt64 = 5
  ) -> ViewChange {
    sign(
      ViewChange(
        newView: View(view),
        stable: stable,
        high: high,
        replica: ReplicaNumber(UInt8(replica)),
        counter: counter,
        signature: .unsigned
      )
    )
  }

  func newView(_ view: UInt64 = 1, of changes: [ViewChange], by replica: Int = 1) -> NewView {
    sign(
      NewView(
        newView: View(view),
        viewChanges: changes,
        replica: ReplicaNumber(UInt8(replica)),
        counter: 6,
        signature: .unsigned
      )
    )
  }

  func word(_ request: ClientRequest, result: String, by replica: Int, index: UInt64 = 2)
    -> ReceiptWord
  {
    let header = block().header
    return authority.word(
      for: ReceiptWord.Fact(
        block: (header.sequenceNumber, authority.digest(of: header)),
        index: LogIndex(index),
        client: clients[0].publicKey,
        request: authority.digest(of: request),
        result: authority.digester.digest(of: Array(result.utf8), domain: .result)
      ),
      of: ReplicaNumber(UInt8(replica)),
      by: replicas[replica]
    )
  }

  /// What stands where a signature is about to be put.
}
