import Consensus
import PBFT
import Wire

// What liars say that no honest replica would.
extension Adversary {
  mutating func word(of lie: Lie, by liar: Int) -> PBFTMessage? {
    switch lie {
    case .votesForAll: anyVote(random.oneIn(2) ? .prepare : .commit, liar)
    case .commitsAtOnce: commitOfNewest(liar)
    case .lyingCheckpoint: anyCheckpoint(liar)
    case .lyingViewChange:
      .viewChange(change(to: View(max(1, loot.topView + random.number(in: 0..<2))), by: liar))
    case .viewChangeStorm: .viewChange(change(to: View(loot.topView + 1), by: liar))
    case .hugeView:
      .viewChange(change(to: View(1 << (20 + random.number(in: 0..<40))), by: liar))
    case .lyingNewView: anyNewView()
    case .proposesAnything: anyProposal(liar)
    case .badTime: badTime(liar)
    case .badBody: badBody(liar)
    case .replays: past()
    case .forges: forged(liar)
    case .lyingStatus: status()
    case .noise: noise()
    case .twoFaced, .mute, .silentPrimary, .hidesFromSome, .slowPrimary, .starvesClient,
      .withholdsBlocks, .lyingAnswers:
      nil
    }
  }

  private mutating func next() -> UInt64 {
    counter += 1
    return counter
  }

  private mutating func any<Element>(_ elements: [Element]) -> Element? {
    elements.isEmpty ? nil : elements[random.number(below: elements.count)]
  }

  private mutating func past() -> PBFTMessage? { any(loot.past) }

  private mutating func anyVote(_ kind: Vote.Kind, _ liar: Int) -> PBFTMessage? {
    guard var header = any(loot.headers) else { return nil }
    if random.oneIn(4) { header.timeMicroseconds += 1 }
    return .vote(forge.vote(kind, header, by: liar, counter: next()))
  }

  private mutating func commitOfNewest(_ liar: Int) -> PBFTMessage? {
    guard let header = loot.headers.last else { return nil }
    return .vote(forge.vote(.commit, header, by: liar, counter: next()))
  }

  private mutating func anyCheckpoint(_ liar: Int) -> PBFTMessage? {
    let interval = forge.checkpointInterval
    let due = loot.headers.filter { $0.sequenceNumber.rawValue % interval == 0 }
    guard let header = any(due) else { return nil }
    return .checkpoint(
      forge.checkpoint(header, root: random.next(), by: liar, counter: next())
    )
  }

  // MARK: Views

  /// Shows any certificate, or none: hides locks, shows old ones.
  private mutating func change(to view: View, by liar: Int) -> ViewChange {
    let high = random.oneIn(2) ? nil : any(loot.highs)
    let isEarlier = high.map { $0.header.view < view } ?? true
    return forge.viewChange(
      to: view,
      by: liar,
      stable: random.oneIn(2) ? nil : any(loot.stables),
      high: isEarlier || random.oneIn(8) ? high : nil,
      counter: next()
    )
  }

  /// A new view of any view changes that a lying primary can lay hands on; sometimes of too few, or
  /// of one twice.
  private mutating func anyNewView() -> PBFTMessage? {
    let views = (0...1).map { View(loot.topView + UInt64($0)) }.filter { view in
      view > .zero && plan.liars.contains(forge.authority.primary(of: view).place)
    }
    guard let view = views.first else { return nil }
    var chosen = plan.liars.map { change(to: view, by: $0) }
    let wanted = forge.authority.quorum - (random.oneIn(8) ? 1 : 0)
    for change in loot.changes where change.newView == view && chosen.count < wanted {
      guard !chosen.contains(where: { $0.replica == change.replica }) else { continue }
      chosen.append(change)
    }
    if random.oneIn(8), let again = chosen.last { chosen.append(again) }
    chosen.sort { $0.replica.rawValue < $1.replica.rawValue }
    return .newView(forge.newView(view, of: chosen, counter: next()))
  }

  // MARK: Proposals

  /// The view in which a liar may propose now.
  private func ledView() -> View? {
    let view = View(loot.topView)
    return plan.liars.contains(forge.authority.primary(of: view).place) ? view : nil
  }

  private mutating func block(in view: View, after parent: BlockHeader) -> Block? {
    guard parent.view <= view, let envelope = any(loot.envelopes) else { return nil }
    var block = forge.block(view, after: parent, body: [envelope])
    let newest = loot.headers.last?.timeMicroseconds ?? 1_700_000_000_000_000
    block.header.timeMicroseconds = max(parent.timeMicroseconds + 1, newest)
    return block
  }

  /// A child of any block, in the newest view that a liar leads.
  private mutating func anyProposal(_ liar: Int) -> PBFTMessage? {
    guard let view = ledView(), let parent = random.oneIn(4) ? .genesis : any(loot.headers),
      let block = block(in: view, after: parent)
    else { return nil }
    sees(block)
    return .prePrepare(forge.proposal(block, counter: next()))
  }

  private mutating func badTime(_ liar: Int) -> PBFTMessage? {
    guard let view = ledView(), let parent = loot.headers.last,
      var block = block(in: view, after: parent)
    else { return nil }
    switch random.number(below: 4) {
    case 0: block.header.timeMicroseconds = parent.timeMicroseconds
    case 1: block.header.timeMicroseconds += 3_600_000_000
    case 2: block.header.timeMicroseconds += 4_900_000
    default: block.header.timeMicroseconds = .max - 1
    }
    return .prePrepare(forge.proposal(block, counter: next()))
  }

  private mutating func badBody(_ liar: Int) -> PBFTMessage? {
    guard let view = ledView(), let parent = loot.headers.last,
      var block = block(in: view, after: parent), let other = any(loot.envelopes)
    else { return nil }
    switch random.number(below: 4) {
    case 0: block.body = [other]
    case 1: block = forge.block(view, after: parent, body: block.body + block.body)
    case 2:
      var unsigned = other
      unsigned.signature = .unsigned
      block = forge.block(view, after: parent, body: [unsigned])
    default: block = forge.block(view, after: parent, body: [])
    }
    return .prePrepare(forge.proposal(block, counter: next()))
  }

  // MARK: Noise

  /// What would be an honest replica's word, if the liar had its key.
  private mutating func forged(_ liar: Int) -> PBFTMessage? {
    guard let header = any(loot.headers) else { return nil }
    let victim = random.number(below: plan.replicas)
    var vote = forge.vote(.commit, header, by: liar, counter: next())
    vote.replica = ReplicaNumber(UInt8(victim))
    if random.oneIn(2) { return .vote(vote) }
    guard var change = any(loot.changes) else { return nil }
    change.counter += 1
    return .viewChange(change)
  }

  private mutating func status() -> PBFTMessage? {
    let far = SequenceNumber(random.oneIn(2) ? random.next() >> 1 : 0)
    return .status(
      Status(
        view: View(random.oneIn(2) ? 0 : random.next() >> 1),
        isActive: random.oneIn(2),
        tip: far,
        prepared: BlockPlace(View(0), random.oneIn(2) ? far : .zero),
        committed: random.oneIn(2) ? far : .zero,
        stable: random.oneIn(2) ? far : .zero,
        isFenced: random.oneIn(2),
        newest: nil
      )
    )
  }

  private mutating func noise() -> PBFTMessage? {
    switch random.number(below: 4) {
    case 0:
      return .fetch(
        Digest(bits: Bits256(random.next(), 0, 0, 0)),
        above: SequenceNumber(random.next() >> 40)
      )
    case 1:
      guard let block = any(loot.blocks), let other = any(loot.blocks) else { return nil }
      return .blocks([block, other, block])
    case 2: return .askFence(nonce: random.next())
    default:
      return .fenceReport(
        FenceReport(
          nonce: random.number(in: 0..<4),
          view: View(random.next() >> 1),
          stable: any(loot.stables),
          newest: nil,
          viewChange: any(loot.changes)
        )
      )
    }
  }
}
