import Consensus
import PBFT
import Replication
import Server
import SymbolicCrypto
import Wire
import XCTest

@testable import Liars

/// Each lie, held against what the others can check: which words are still the liar's own, and
/// what two of them prove.
final class LieTests: XCTestCase {
  private let keys = SymbolicKeys(count: 6, seed: 1)
  private let members = (1...4).map {
    Member(id: NodeID(UInt32($0)), incarnation: Incarnation(UInt64($0)))
  }
  private lazy var authority = Authority(
    cluster: ClusterID(high: 1, low: 2),
    replicas: keys.signers.prefix(4).map(\.publicKey),
    clients: keys.signers.suffix(2).map(\.publicKey),
    verifier: keys,
    digester: PureSHA256()
  )
  /// Of the first replica, primary of the first view.
  private lazy var seat = LiarSeat(
    authority: authority,
    signer: keys.signers[0],
    members: members
  )

  // MARK: Lies that prove themselves

  func test_equivocation_whenItProposes_differsForEachBackup_andConvictsItself() throws {
    let liar = Equivocation(seat)

    let said = members.dropFirst().map { liar.words(insteadOf: proposal(), to: $0, at: 0) }

    let votes = said.map { $0.compactMap(vote(in:)) }
    XCTAssertEqual(Set(votes.map { $0[0].digest }).count, 3, "no two backups hold the same")
    for pair in votes {
      XCTAssertTrue(pair.allSatisfy { authority.isValid($0) })
      let evidence = Evidence.conflictingVotes(pair[0], pair[1])
      XCTAssertEqual(authority.culprit(of: evidence), .replica(ReplicaNumber(0)))
    }
  }

  func test_equivocation_whenOthersWordsPass_leavesThemAlone() {
    let liar = Equivocation(seat)
    let word = PBFTMessage.vote(vote(.commit))

    XCTAssertEqual(liar.words(insteadOf: word, to: members[1], at: 0), [word])
  }

  func test_staleViewChange_whenItHasCommitted_hidesItsLock_andConvictsItself() throws {
    let liar = StaleViewChange(seat)
    let honest = viewChange(high: certificate())

    let said = liar.words(insteadOf: .viewChange(honest), to: members[1], at: 0)

    guard case .viewChange(let stale) = try XCTUnwrap(said.first) else { return XCTFail() }
    XCTAssertNil(stale.high)
    XCTAssertTrue(authority.isValid(stale))
    let evidence = Evidence.hiddenLock(vote(.commit), stale)
    XCTAssertEqual(authority.culprit(of: evidence), .replica(ReplicaNumber(0)))
  }

  func test_badRoot_whenAStateIsVouchedFor_namesAnother_underItsOwnName() throws {
    let liar = BadRoot(seat)
    let honest = checkpoint()

    let said = liar.words(insteadOf: .checkpoint(honest), to: members[1], at: 0)

    guard case .checkpoint(let bent) = try XCTUnwrap(said.first) else { return XCTFail() }
    XCTAssertNotEqual(bent.stateRoot, honest.stateRoot)
    XCTAssertTrue(authority.isValid(bent))
    let evidence = Evidence.conflictingCheckpoints(honest, bent)
    XCTAssertEqual(authority.culprit(of: evidence), .replica(ReplicaNumber(0)))
  }

  // MARK: Lies that nobody believes

  func test_forgery_whenItSpeaks_signsForAnother_whichNobodyTakes() throws {
    let liar = Forgery(seat)
    let word = vote(.commit)

    let said = liar.words(insteadOf: .vote(word), to: members[1], at: 0).compactMap(vote(in:))

    XCTAssertEqual(said.map(\.replica), [ReplicaNumber(0), ReplicaNumber(1)])
    XCTAssertEqual(said.map { authority.isValid($0) }, [true, false])
  }

  func test_replay_whenItSpeaks_addsWhatWasSaidBefore() {
    let liar = Replaying()
    let first = PBFTMessage.vote(vote(.prepare))
    let second = PBFTMessage.vote(vote(.commit))

    XCTAssertEqual(liar.words(insteadOf: first, to: members[1], at: 0), [first, first])
    let said = liar.words(insteadOf: second, to: members[1], at: 0)

    XCTAssertEqual(said.first, second)
    XCTAssertEqual(said.count, 2)
  }

  func test_forkedReads_whenAsked_answerAsTheFirstTime_butLeaveWritesAlone() {
    let liar = ForkedReads()
    let write = ReplicaReply.applied(index: LogIndex(4), bytes: CompactBytes([7]))

    let first = liar.reply(insteadOf: .answer(index: LogIndex(2), bytes: [1]))
    let second = liar.reply(insteadOf: .answer(index: LogIndex(3), bytes: [2]))

    XCTAssertEqual(first, .answer(index: LogIndex(2), bytes: [1]))
    XCTAssertEqual(second, .answer(index: LogIndex(3), bytes: [1]))
    XCTAssertEqual(liar.reply(insteadOf: write), write)
  }

  // MARK: Lies by silence

  func test_withholding_whenOrderDependsOnIt_saysNothing_butLooksWell() {
    let liar = Withholding()
    let asking = PBFTMessage.askFence(nonce: 1)

    XCTAssertEqual(liar.words(insteadOf: proposal(), to: members[1], at: 0), [])
    XCTAssertEqual(liar.words(insteadOf: .vote(vote(.commit)), to: members[1], at: 0), [])
    XCTAssertEqual(liar.words(insteadOf: asking, to: members[1], at: 0), [asking])
  }

  func test_slowness_whenOrderDependsOnIt_saysItLate_inOrder() {
    let liar = Slowness()
    let words = [proposal(), PBFTMessage.vote(vote(.commit))]

    for (place, word) in words.enumerated() {
      XCTAssertEqual(liar.words(insteadOf: word, to: members[1], at: UInt64(place)), [])
    }

    XCTAssertEqual(liar.lateWords(at: 299_999).map(\.message), [])
    XCTAssertEqual(liar.lateWords(at: 300_000).map(\.message), [words[0]])
    XCTAssertEqual(liar.lateWords(at: 400_000).map(\.message), [words[1]])
    XCTAssertEqual(liar.lateWords(at: 900_000).map(\.message), [])
  }

  func test_starvation_whenTheFirstClientAsks_isDeaf_toItAlone() {
    let liar = Starvation(seat)

    let heeded = authority.clients.map { liar.heeds(envelope(of: $0)) }

    XCTAssertEqual(heeded, [false, true])
  }

  // MARK: All

  func test_lies_whenNamed_areAllDifferent_andSaySoInALine() {
    let kinds = Lie.allCases.map { "\(type(of: $0.misconduct(in: seat)))" }

    XCTAssertEqual(Set(kinds).count, Lie.allCases.count)
    XCTAssertEqual(Set(Lie.allCases.map(\.summary)).count, Lie.allCases.count)
  }

  // MARK: Statements

  private func header() -> BlockHeader {
    BlockHeader(
      place: BlockPlace(View.zero, SequenceNumber.zero.next),
      parent: authority.digest(of: .genesis),
      timeMicroseconds: 1_000,
      lastIndex: LogIndex(2),
      requestCount: 1,
      bodySize: 1,
      bodyRoot: .zero,
      kind: .normal,
      newView: .zero
    )
  }

  private func vote(_ kind: Vote.Kind) -> Vote {
    seat.sign(
      Vote(
        kind: kind,
        place: header().place,
        digest: authority.digest(of: header()),
        replica: ReplicaNumber(0),
        counter: 7,
        signature: .unsigned
      )
    )
  }

  private func vote(in message: PBFTMessage) -> Vote? {
    switch message {
    case .prePrepare(let proposal): proposal.vote
    case .vote(let vote): vote
    default: nil
    }
  }

  private func proposal() -> PBFTMessage {
    .prePrepare(PrePrepare(block: Block(header: header(), body: []), vote: vote(.prePrepare)))
  }

  private func certificate() -> PreparedCertificate {
    PreparedCertificate(
      header: header(),
      primary: Endorsement(vote(.prePrepare)),
      backups: []
    )
  }

  private func checkpoint() -> CheckpointVote {
    seat.sign(
      CheckpointVote(
        sequenceNumber: header().sequenceNumber,
        digest: authority.digest(of: header()),
        stateRoot: .zero,
        replica: ReplicaNumber(0),
        counter: 8,
        signature: .unsigned
      )
    )
  }

  private func viewChange(high: PreparedCertificate?) -> ViewChange {
    seat.sign(
      ViewChange(
        newView: View(1),
        stable: nil,
        high: high,
        replica: ReplicaNumber(0),
        counter: 9,
        signature: .unsigned
      )
    )
  }

  private func envelope(of client: PublicKey) -> SignedEnvelope {
    SignedEnvelope(
      client: client,
      requests: [ClientRequest(.register, session: 5)],
      signature: .unsigned
    )
  }

}
