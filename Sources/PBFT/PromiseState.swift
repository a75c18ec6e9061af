import Consensus

/// All that a replica has ever promised: the fold over its records.
///
/// The running core changes these fields by `apply` alone, in the same breath as it writes the
/// record. So a start that folds what the disk has kept comes to exactly the state in which the
/// core was when it wrote the last of it: nobody can be forgotten, and the last record alone is
/// never believed to be the whole truth.
package struct PromiseState: Sendable {
  let authority: Authority
  let own: ReplicaNumber

  /// The view that this replica is in: it votes in no earlier one.
  private(set) var view = View.zero
  /// Whether the view has begun here; if not, it votes for no block.
  private(set) var isActive = true
  private(set) var log: BlockLog
  /// The highest place that it has proposed or prepared a block for: it does so once per place.
  private(set) var votedPlace = BlockPlace.zero
  /// The highest certificate by place: nothing that it committed lies above.
  private(set) var high: PreparedCertificate?
  /// Its own commit of that block.
  private(set) var commit: Vote?
  /// The view change by which it entered its view, if it did so by one.
  private(set) var viewChange: ViewChange?
  /// The new view by which its view began; nil in the first.
  private(set) var newView: NewView?
  /// Its own words for states that are not stable yet, ascending.
  private(set) var checkpoints: [CheckpointVote] = []
  private(set) var stable: StableCertificate?
  private(set) var committed: CommitCertificate?
  private(set) var counter: UInt64 = 0
  private(set) var fence: Fence?

  init(authority: Authority, own: ReplicaNumber) {
    self.authority = authority
    self.own = own
    log = BlockLog(genesis: authority.digest(of: .genesis))
  }

  /// The newest block that is proved to be committed.
  var committedHeader: BlockHeader {
    let stable = stable?.header ?? .genesis
    guard let committed = committed?.header else { return stable }
    return committed.sequenceNumber > stable.sequenceNumber ? committed : stable
  }

  /// Folds all records of a journal.
  ///
  /// Those before the last summary are of use for their blocks.
  mutating func fold(_ records: [Recovered<PBFTRecord>]) {
    let start = records.lastIndex {
      if case .summary = $0.record { true } else { false }
    }
    for recovered in records[..<(start ?? 0)] {
      switch recovered.record {
      case .accepted(let proposal, let prepare):
        log.keep(logged(proposal, prepare, at: recovered.position))
      case .adopted(let block): log.keep(logged(block, at: recovered.position))
      case .prepared, .committed, .viewChange, .newView, .checkpoint, .stable, .restart, .summary,
        .fence, .fencePassed:
        break
      }
    }
    for recovered in records[(start ?? 0)...] { apply(recovered.record, at: recovered.position) }
  }

  /// What a record changes.
  mutating func apply(_ record: PBFTRecord, at position: UInt64) {
    switch record {
    case .accepted(let proposal, let prepare): accept(proposal, prepare, at: position)
    case .adopted(let block): log.keep(logged(block, at: position))
    case .prepared(let certificate, let vote): lock(certificate, vote)
    case .committed(let certificate): take(certificate)
    case .viewChange(let change):
      view = change.newView
      isActive = false
      viewChange = change
      newView = nil
      count(change)
    case .newView(let newView): begin(newView)
    case .checkpoint(let vote):
      checkpoints.append(vote)
      count(vote)
    case .stable(let certificate): take(certificate)
    case .restart(let certificate):
      log.restart(behind: certificate.header, authority.digest(of: certificate.header))
      take(certificate)
    case .summary(let summary): adopt(summary)
    case .fence(let fence):
      self.fence = fence
    case .fencePassed(let counter):
      fence = nil
      self.counter = max(self.counter, counter)
    }
  }

  // MARK: Records

  private mutating func accept(_ proposal: PrePrepare, _ prepare: Vote?, at position: UInt64) {
    let block = logged(proposal, prepare, at: position)
    // After a hole over the record that began the view.
    if block.header.view > view { log.keep(block) } else { log.append(block) }
    votedPlace = max(votedPlace, block.header.place)
    count(prepare ?? proposal.vote)
  }

  private mutating func lock(_ certificate: PreparedCertificate, _ vote: Vote) {
    high = certificate
    commit = vote
    count(vote)
    freeOrphans()
  }

  private mutating func take(_ certificate: CommitCertificate) {
    follow(certificate.header)
    committed = certificate
  }

  private mutating func take(_ certificate: StableCertificate) {
    follow(certificate.header)
    stable = certificate
    checkpoints.removeAll { $0.sequenceNumber <= certificate.header.sequenceNumber }
    freeOrphans()
  }

  /// A block that is proved to be committed belongs to the chain, and its view has begun.
  private mutating func follow(_ header: BlockHeader) {
    let digest = authority.digest(of: header)
    if header.sequenceNumber > log.base.sequenceNumber,
      !log.contains(digest, at: header.sequenceNumber)
    {
      _ = log.moveTip(to: digest, at: header.sequenceNumber)
    }
    guard header.view > view else { return }
    view = header.view
    isActive = false
    newView = nil
  }

  /// The chain goes on from the new view's base.
  ///
  /// Where blocks of the very view are committed here already, the chain goes on from those: they
  /// stand on the same base.
  private mutating func begin(_ begun: NewView) {
    view = begun.newView
    isActive = true
    newView = begun
    if begun.replica == own { counter = max(counter, begun.counter) }
    guard committedHeader.view < begun.newView else { return }
    let base = begun.base.header
    _ = log.moveTip(to: authority.digest(of: base), at: base.sequenceNumber)
  }

  private mutating func adopt(_ summary: PBFTRecord.Summary) {
    let digest = authority.digest(of: summary.base)
    log.restart(behind: summary.base, digest)
    var place = summary.base.sequenceNumber
    if let tip = log.find(summary.tip) { place = tip.sequenceNumber }
    _ = log.moveTip(to: summary.tip, at: place)
    view = summary.view
    viewChange = summary.viewChange
    newView = summary.newView
    isActive = summary.newView?.newView == summary.view || summary.view == .zero
    votedPlace = summary.votedPlace
    high = summary.high
    commit = summary.commit
    checkpoints = summary.checkpoints
    stable = summary.stable
    committed = summary.committed
    counter = max(counter, summary.counter)
    fence = summary.fence
  }

  /// All of this but the blocks.
  var summary: PBFTRecord.Summary {
    PBFTRecord.Summary(
      base: log.base,
      tip: log.tipDigest,
      view: view,
      votedPlace: votedPlace,
      counter: counter,
      high: high,
      commit: commit,
      viewChange: viewChange,
      newView: newView,
      stable: stable,
      committed: committed,
      checkpoints: checkpoints,
      fence: fence
    )
  }

  /// Forgets bodies up to a block of the chain.
  mutating func trim(through place: SequenceNumber) {
    log.trim(through: place)
  }

  /// The lowest record that a later start needs for its blocks.
  var oldestBlockPosition: UInt64? {
    (log.blocks.map(\.position) + log.orphans.map(\.position)).min()
  }

  // MARK: Helpers

  private mutating func count(_ statement: some ReplicaSigned) {
    guard statement.replica == own else { return }
    counter = max(counter, statement.counter)
  }

  /// What f+1 honest replicas have locked or executed cannot be gone back behind (safety
  /// argument, step 2), so nothing lower is ever chosen.
  private mutating func freeOrphans() {
    let locked = high?.header.place ?? .zero
    let executed = stable?.header.place ?? .zero
    log.freeOrphans(
      through: max(locked, executed),
      but: high.map { authority.digest(of: $0.header) },
      above: executed.sequenceNumber
    )
  }

  private func logged(
    _ proposal: PrePrepare,
    _ prepare: Vote?,
    at position: UInt64
  ) -> LoggedBlock {
    LoggedBlock(
      block: proposal.block,
      digest: proposal.vote.digest,
      position: position,
      primary: proposal.vote,
      own: prepare ?? proposal.vote
    )
  }

  private func logged(_ block: Block, at position: UInt64) -> LoggedBlock {
    LoggedBlock(
      block: block,
      digest: authority.digest(of: block.header),
      position: position,
      primary: nil,
      own: nil
    )
  }
}
