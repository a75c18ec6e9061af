import Consensus
import PBFT

/// Evidence of every kind, and claims beside it that convict nobody.
struct Proofs {
  struct Case {
    let name: String
    let evidence: Evidence
    /// Whom it has to name.
    let culprit: Culprit?
  }

  private let notary: Notary
  private let one: BlockHeader
  private let other: BlockHeader
  private let commit: Vote
  private let changes: [ViewChange]
  private static let liar = Culprit.replica(ReplicaNumber(1))

  init(by notary: Notary) {
    self.notary = notary
    one = notary.block().header
    other = notary.block(body: [notary.envelope("b")]).header
    commit = notary.vote(.commit, one, counter: 3)
    changes = (0..<4).map { notary.viewChange(by: $0) }
  }

  var convicting: [Case] {
    let shown = notary.viewChange(
      to: 2,
      stable: notary.stable(one),
      high: notary.prepared(one),
      counter: 9
    )
    let foreign = [changes[0], shown, changes[2]]
    let word = notary.word(notary.request(), result: "no", by: 1)
    return [
      found("E1", .conflictingVotes(vote(.prePrepare, one), vote(.prePrepare, other))),
      found("E2", .conflictingVotes(vote(.prepare, one), vote(.prepare, other))),
      found("E3", .conflictingVotes(vote(.commit, one), vote(.commit, other))),
      found("E4", .conflictingCheckpoints(state(1), state(2))),
      found("E5", .sharedCounter(.vote(vote(.prepare, one, counter: 5)), .viewChange(changes[1]))),
      found("E5", .sharedCounter(.checkpoint(state(1)), .vote(vote(.commit, one, counter: 4)))),
      found("E6", .hiddenLock(commit, changes[1])),
      found("E6b", .voteAfterViewChange(changes[1], vote(.commit, one, counter: 6))),
      found("E7", .badNewView(notary.newView(of: Array(changes.prefix(2))))),
      found("E7", .badNewView(notary.newView(of: foreign))),
      found("E7", .badNewView(notary.newView(2, of: Array(changes.prefix(3))))),
      found(
        "E7",
        .conflictingNewViews(
          notary.newView(of: Array(changes[..<3])),
          notary.newView(of: Array(changes[1...]))
        )
      ),
      Case(
        name: "E8",
        evidence: .badProposal(proposal(of: stranger)),
        culprit: .replica(ReplicaNumber(0))
      ),
      Case(
        name: "E8",
        evidence: .badProposal(proposal(of: miscounted)),
        culprit: .replica(ReplicaNumber(0))
      ),
      found("E8", .badProposal(proposal(of: notary.block(), by: 1))),
      Case(
        name: "E9",
        evidence: .conflictingRequests(notary.envelope(), notary.envelope("b")),
        culprit: .client(notary.clients[0].publicKey)
      ),
      found("E10", .conflictingReceipts(word, words("yes", by: [0, 2]))),
      found("E10", .conflictingReceipts(word, words("yes", by: [1]))),
    ]
  }

  var harmless: [Case] {
    let shown = notary.viewChange(stable: notary.stable(one), high: notary.prepared(one))
    let newView = notary.newView(of: [changes[0], shown, changes[3]])
    let word = notary.word(notary.request(), result: "no", by: 1)
    var passedOn = proposal(of: notary.block())
    passedOn.block.body = [notary.envelope("c", client: 1)]
    return [
      free("E2", .conflictingVotes(vote(.prepare, one), vote(.prepare, one, counter: 2))),
      free("E2", .conflictingVotes(vote(.prepare, one), vote(.commit, other))),
      free("E3", .conflictingVotes(commit, notary.vote(.commit, other, by: 2))),
      free("E4", .conflictingCheckpoints(state(1), state(1))),
      free("E5", .sharedCounter(.vote(commit), .vote(commit))),
      free("E6", .hiddenLock(commit, shown)),
      free("E6", .hiddenLock(commit, notary.viewChange(stable: notary.stable(one)))),
      free("E6b", .voteAfterViewChange(changes[1], commit)),
      free("E7", .badNewView(newView)),
      free("E7", .conflictingNewViews(newView, newView)),
      free("E8", .badProposal(proposal(of: notary.block()))),
      free("E8", .badProposal(passedOn)),
      free("E9", .conflictingRequests(notary.envelope(), notary.envelope("b", client: 1))),
      free("E9", .conflictingRequests(notary.envelope(), notary.envelope("b", sequence: 2))),
      free("E9", .conflictingRequests(notary.envelope(), notary.envelope())),
      free("E10", .conflictingReceipts(word, words("yes", by: [0]))),
      free("E10", .conflictingReceipts(word, words("yes", by: [0, 1]))),
      free("E10", .conflictingReceipts(word, words("no", by: [0, 2]))),
      free("E10", .conflictingReceipts(word, words("yes", by: [0, 2], index: 3))),
    ]
  }

  private func found(_ name: String, _ evidence: Evidence) -> Case {
    Case(name: name, evidence: evidence, culprit: Self.liar)
  }

  private func free(_ name: String, _ evidence: Evidence) -> Case {
    Case(name: name, evidence: evidence, culprit: nil)
  }

  private func vote(_ kind: Vote.Kind, _ header: BlockHeader, counter: UInt64 = 1) -> Vote {
    notary.vote(kind, header, counter: counter)
  }

  private func state(_ root: UInt64) -> CheckpointVote {
    notary.checkpoint(one, root: root)
  }

  private func words(_ result: String, by replicas: [Int], index: UInt64 = 2) -> [ReceiptWord] {
    replicas.map { notary.word(notary.request(), result: result, by: $0, index: index) }
  }

  /// An envelope in it bears the name of a client and another's signature.
  private var stranger: Block {
    var envelope = notary.envelope()
    envelope.signature = notary.envelope("c", client: 1).signature
    return notary.block(body: [envelope])
  }

  private var miscounted: Block {
    var block = notary.block()
    block.header.bodySize += 1
    return block
  }

  private func proposal(of block: Block, by replica: Int = 0) -> PrePrepare {
    PrePrepare(block: block, vote: notary.vote(.prePrepare, block.header, by: replica))
  }
}
