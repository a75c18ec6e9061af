import Consensus
import PBFT

/// What the records of one replica show of its votes, over all its starts.
struct ScheduledChain: Sendable {
  /// A view that has begun: the digest of the new view that began it, and of where it begins.
  private struct Begun: Sendable {
    let view: View
    let newView: Digest
    let base: Digest
  }

  private let authority: Authority
  private let own: ReplicaNumber
  /// The view of every block that it holds or has held; looked up only.
  private var views: [Digest: View]
  private var begun: Begun?
  /// The counters of what it has promised since its disk last confirmed anything.
  private var unconfirmed: [UInt64] = []

  init(_ authority: Authority, place: Int) {
    self.authority = authority
    own = ReplicaNumber(UInt8(place))
    views = [authority.digest(of: .genesis): .zero]
  }

  /// Takes in records that are about to be written together; what is wrong with them, if anything.
  mutating func add(_ records: [PBFTRecord]) -> String? {
    defer { unconfirmed = [] }
    for record in records {
      if let problem = add(record) { return problem }
    }
    return nil
  }

  private mutating func add(_ record: PBFTRecord) -> String? {
    switch record {
    case .newView(let newView): begin(newView)
    case .adopted(let block): hold(block.header)
    case .restart(let certificate): hold(certificate.header)
    case .accepted(let proposal, let prepare):
      hold(proposal.block.header)
      unconfirmed += [prepare?.counter].compactMap { $0 }
      return flaw(in: proposal.block.header)
    case .prepared(let certificate, let commit):
      let isEarly = countsEarly(certificate.backups)
      unconfirmed.append(commit.counter)
      return isEarly ? "I4: counts its own prepare before it is on disk" : nil
    case .committed(let certificate):
      let isEarly = countsEarly(certificate.replicas)
      return isEarly ? "I4: counts its own commit before it is on disk" : nil
    case .viewChange, .checkpoint, .stable, .summary, .fence, .fencePassed: break
    }
    return nil
  }

  private func countsEarly(_ endorsements: [Endorsement]) -> Bool {
    endorsements.contains { $0.replica == own && unconfirmed.contains($0.counter) }
  }

  private mutating func hold(_ header: BlockHeader) {
    views[authority.digest(of: header)] = header.view
  }

  /// A view begins behind the highest certificate that its view changes show, by view first, or
  /// behind the newest checkpoint if that is later.
  private mutating func begin(_ newView: NewView) {
    let stable = newView.viewChanges.compactMap(\.stable?.header).max {
      $0.sequenceNumber < $1.sequenceNumber
    }
    let high = newView.viewChanges.compactMap(\.high?.header).max { $0.place < $1.place }
    var base = stable ?? .genesis
    if let high, high.sequenceNumber >= base.sequenceNumber { base = high }
    begun = Begun(
      view: newView.newView,
      newView: authority.digest(of: newView),
      base: authority.digest(of: base)
    )
  }

  /// A block that is voted for stands behind one that is held; the first of a view, and no other,
  /// is the anchor of the new view that has begun, and stands where that begins.
  private func flaw(in header: BlockHeader) -> String? {
    guard let parent = views[header.parent] else { return "I5: votes behind what it does not hold" }
    guard parent < header.view else {
      return header.kind == .normal ? nil : "I5: votes for an anchor within a view"
    }
    guard header.kind == .anchor, let begun, begun.view == header.view,
      begun.newView == header.newView
    else { return "I5: votes for a view's first block that is not its anchor" }
    return begun.base == header.parent ? nil : "I5: votes for an anchor on another base"
  }
}
