import Consensus
package import PBFT

/// Reads the records of one or more journals and believes none of them: every signature, envelope
/// and certificate is checked, and what is proved to be committed has to be one chain.
package struct ChainAudit: Sendable {
  /// Something that no honest replica writes.
  package struct Fault: Equatable, Sendable {
    /// The record; nil where it is not of one record.
    package var position: UInt64?
    /// What is wrong.
    package var what: String
  }

  /// How much was looked at.
  package struct Counts: Equatable, Sendable {
    /// Records.
    package var records = 0
    /// Blocks with their bodies.
    package var blocks = 0
    /// Clients' envelopes.
    package var envelopes = 0
    /// Certificates, each with its signatures.
    package var certificates = 0
  }

  let authority: Authority
  /// What is wrong, in the order in which it was met.
  package private(set) var faults: [Fault] = []
  /// How much was looked at.
  package private(set) var counts = Counts()
  private var blocks: [Digest: Block] = [:]
  /// Headers that certificates prove to be committed, in the order in which they were met.
  private(set) var committed: [CommitCertificate] = []
  private(set) var stable: [StableCertificate] = []
  private(set) var viewChanges: [ViewChange] = []

  /// An audit that has seen nothing.
  package init(by authority: Authority) {
    self.authority = authority
  }

  /// Looks at the next record.
  package mutating func add(_ record: PBFTRecord, at position: UInt64) {
    counts.records += 1
    switch record {
    case .accepted(let proposal, let prepare):
      require(authority.isValid(proposal.vote), "the proposal is not signed", position)
      let isOfBlock = proposal.vote.digest == authority.digest(of: proposal.block.header)
      require(isOfBlock, "the proposal's vote is of another block", position)
      if let prepare {
        require(authority.isValid(prepare), "the prepare is not signed", position)
      }
      add(proposal.block, at: position)
    case .adopted(let block): add(block, at: position)
    case .prepared(let certificate, let commit):
      counts.certificates += 1
      require(authority.isValid(certificate), "the prepared certificate does not hold", position)
      require(authority.isValid(commit), "the commit is not signed", position)
    case .committed(let certificate): add(certificate, at: position)
    case .viewChange(let change): add(change, at: position)
    case .newView(let newView): add(newView, at: position)
    case .checkpoint(let vote):
      require(authority.isValid(vote), "the checkpoint is not signed", position)
    case .stable(let certificate), .restart(let certificate): add(certificate, at: position)
    case .summary(let summary): add(summary, at: position)
    case .fence, .fencePassed: break
    }
  }

  /// Takes over what another audit found to be signed, to compare what several replicas hold.
  package mutating func join(_ other: ChainAudit) {
    committed += other.committed
    stable += other.stable
    viewChanges += other.viewChanges
  }

  /// Notes a fault that is not of one record.
  package mutating func note(_ what: String) {
    faults.append(Fault(position: nil, what: what))
  }

  private mutating func require(_ condition: Bool, _ what: String, _ position: UInt64) {
    if !condition { faults.append(Fault(position: position, what: what)) }
  }

  private mutating func add(_ block: Block, at position: UInt64) {
    counts.blocks += 1
    counts.envelopes += block.body.count
    let isWhole = authority.isWhole(block)
    require(isWhole, "the body is not the header's", position)
    let isSigned = block.body.allSatisfy { authority.isValid($0) }
    require(isSigned, "an envelope is not a registered client's", position)
    // What is not as it was agreed on is never applied, nor takes the place of what is.
    if isWhole, isSigned { blocks[authority.digest(of: block.header)] = block }
  }

  private mutating func add(_ certificate: CommitCertificate, at position: UInt64) {
    counts.certificates += 1
    let isValid = authority.isValid(certificate)
    require(isValid, "the commit certificate does not hold", position)
    if isValid { committed.append(certificate) }
  }

  private mutating func add(_ certificate: StableCertificate, at position: UInt64) {
    counts.certificates += 1
    let isValid = authority.isValid(certificate)
    require(isValid, "the stable certificate does not hold", position)
    if isValid { stable.append(certificate) }
  }

  private mutating func add(_ change: ViewChange, at position: UInt64) {
    let isSound = authority.fault(in: change, for: change.newView) == nil
    require(isSound, "the view change does not hold", position)
    if isSound { viewChanges.append(change) }
  }

  private mutating func add(_ newView: NewView, at position: UInt64) {
    counts.certificates += 1
    let isSound = authority.isValid(newView) && authority.fault(in: newView) == nil
    require(isSound, "the new view does not hold", position)
    if isSound { viewChanges += newView.viewChanges }
  }

  private mutating func add(_ summary: PBFTRecord.Summary, at position: UInt64) {
    if let certificate = summary.stable { add(certificate, at: position) }
    if let certificate = summary.committed { add(certificate, at: position) }
    if let newView = summary.newView { add(newView, at: position) }
    if let change = summary.viewChange { add(change, at: position) }
    if let high = summary.high {
      counts.certificates += 1
      require(authority.isValid(high), "the prepared certificate does not hold", position)
    }
  }

  // MARK: The chain

  /// The longest piece of the committed chain whose blocks are here, ascending; whatever else is
  /// proved to be committed has to lie on it.
  package mutating func chain() -> [Block] {
    let proved = (committed.map(\.header) + stable.map(\.header)).sorted {
      $0.sequenceNumber < $1.sequenceNumber
    }
    guard let top = proved.last(where: { blocks[authority.digest(of: $0)] != nil }) else {
      return []
    }
    var chain: [Block] = []
    var next = authority.digest(of: top)
    while let block = blocks[next] {
      if let child = chain.last, !child.header.canFollow(block.header) {
        let place = child.header.sequenceNumber.rawValue
        note("the block at place \(place) does not follow its parent")
        break
      }
      chain.append(block)
      next = block.header.parent
    }
    chain.reverse()
    for header in proved { check(header, on: chain) }
    return chain
  }

  private mutating func check(_ header: BlockHeader, on chain: [Block]) {
    guard let first = chain.first?.header.sequenceNumber, header.sequenceNumber >= first else {
      return
    }
    let place = Int(header.sequenceNumber.rawValue - first.rawValue)
    guard place < chain.count, chain[place].header != header else { return }
    note("two blocks are committed at place \(header.sequenceNumber.rawValue): more than f lie")
  }
}
