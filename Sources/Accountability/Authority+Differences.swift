import Consensus
import PBFT
import Wire

extension Authority {
  /// The fields that contradict each other, or the one that breaks a rule and what it should say.
  func differences(in evidence: Evidence) -> [EvidenceReport.Difference] {
    switch evidence {
    case .conflictingVotes(let first, let second):
      return Self.pairs(("block", first.digest, second.digest))
    case .conflictingCheckpoints(let first, let second):
      return Self.pairs(
        ("block", first.digest, second.digest),
        ("state root", first.stateRoot, second.stateRoot)
      )
    case .sharedCounter(let first, let second):
      return [.init(field: "statement", first: first.words, second: second.words)]
    case .hiddenLock(let commit, let change):
      let shown = change.high?.header.place ?? .zero
      return [
        .init(field: "highest block", first: commit.place.words, second: shown.words),
        .init(
          field: "stable place",
          first: "\(commit.place.sequenceNumber.rawValue)",
          second: "\(change.stable?.header.sequenceNumber.rawValue ?? 0)"
        ),
      ]
    case .voteAfterViewChange(let change, let vote):
      return [
        .init(
          field: "view",
          first: "\(change.newView.rawValue)",
          second: "\(vote.place.view.rawValue)"
        ),
        .init(field: "counter", first: "\(change.counter)", second: "\(vote.counter)"),
      ]
    case .badNewView(let newView):
      return differences(in: newView)
    case .conflictingNewViews(let first, let second):
      return [.init(field: "view changes", first: first.words, second: second.words)]
    case .badProposal(let proposal):
      return differences(in: proposal)
    case .conflictingRequests(let first, let second):
      guard let (one, other) = first.conflict(with: second) else { return [] }
      let field = "command of session \(one.session) sequence \(one.sequence)"
      return Self.pairs((field, digest(of: one), digest(of: other)))
    case .conflictingReceipts(let word, let others):
      return others.first.map { Self.differences(of: word.fact, and: $0.fact) } ?? []
    }
  }

  private static func pairs(
    _ candidates: (field: String, first: Digest, second: Digest)...
  ) -> [EvidenceReport.Difference] {
    candidates.filter { $0.first != $0.second }.map {
      .init(field: $0.field, first: "\($0.first)", second: "\($0.second)")
    }
  }

  private static func differences(
    of first: ReceiptWord.Fact,
    and second: ReceiptWord.Fact
  ) -> [EvidenceReport.Difference] {
    pairs(
      ("block", first.digest, second.digest),
      ("request", first.request, second.request),
      ("result", first.result, second.result)
    )
      + (first.client == second.client
        ? [] : [.init(field: "client", first: "\(first.client)", second: "\(second.client)")])
      + (first.sequenceNumber == second.sequenceNumber
        ? []
        : [
          .init(
            field: "place",
            first: "\(first.sequenceNumber.rawValue)",
            second: "\(second.sequenceNumber.rawValue)"
          )
        ])
  }

  private func differences(in newView: NewView) -> [EvidenceReport.Difference] {
    let view = newView.newView
    switch fault(in: newView) {
    case .notByPrimary:
      return [
        .init(
          field: "sender",
          first: "replica \(newView.replica.rawValue)",
          second: "replica \(primary(of: view).rawValue), primary of view \(view.rawValue)"
        )
      ]
    case .notAQuorum:
      let signers = newView.viewChanges.map { "\($0.replica.rawValue)" }
      return [
        .init(
          field: "view changes",
          first: "of replicas \(signers.joined(separator: ", "))",
          second: "of \(quorum) different replicas, ascending"
        )
      ]
    case .foreignViewChange(let replica):
      return [Self.fault(in: "view change", of: replica, "signed, and for view \(view.rawValue)")]
    case .badStable(let replica):
      return [Self.fault(in: "stable certificate", of: replica, "\(quorum) signatures that hold")]
    case .badHigh(let replica):
      let wanted = "\(quorum) signatures that hold, of a view before \(view.rawValue)"
      return [Self.fault(in: "prepared certificate", of: replica, wanted)]
    case .highestDiffer, nil:
      return []
    }
  }

  private static func fault(
    in part: String,
    of replica: ReplicaNumber,
    _ wanted: String
  ) -> EvidenceReport.Difference {
    .init(field: part, first: "replica \(replica.rawValue)'s does not hold", second: wanted)
  }

  private func differences(in proposal: PrePrepare) -> [EvidenceReport.Difference] {
    let block = proposal.block
    switch fault(in: proposal) {
    case .notByPrimary:
      return [
        .init(
          field: "sender",
          first: "replica \(proposal.vote.replica.rawValue)",
          second: "replica \(primary(of: block.header.view).rawValue), the view's primary"
        )
      ]
    case .wrongCounts:
      let requests = block.body.reduce(0) { $0 + $1.requests.count }
      return [
        .init(
          field: "size",
          first: "\(block.header.requestCount) requests, \(block.header.bodySize) bytes",
          second: "\(requests) requests, \(size(of: block.body)) bytes in the body"
        )
      ]
    case .badEnvelope(let place):
      return [
        .init(
          field: "envelope \(place)",
          first: block.body[place].words,
          second: "a registered client's, signed, each request once"
        )
      ]
    case nil:
      return []
    }
  }
}
