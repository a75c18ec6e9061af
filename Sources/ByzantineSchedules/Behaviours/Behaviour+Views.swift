import Consensus
import PBFT

/// Lies on the way from one view to the next.
///
/// The first primary is honest, and cut off for a while, so that there is a way to go.
extension Behaviour {
  static let viewChanges = [
    change("lock-hidden", proving: "E6") { change, _ in
      change.high = nil
      change.stable = nil
    },
    // Its votes come when nobody needs them any more, so that nobody looks at them.
    change("lock-hidden-by-the-slowest", proving: "E6", votingLate: true) { change, _ in
      change.high = nil
      change.stable = nil
    },
    change("certificate-stale") { change, liar in
      change.high = liar.highs.first ?? change.high
    },
    change("certificate-forged") { change, _ in
      change.high?.backups[0].signature = .unsigned
    },
    change("certificate-foreign") { change, liar in
      guard let block = liar.blocks.first(where: { $0.header != change.high?.header }) else {
        return
      }
      change.high?.header = block.header
    },
    Behaviour("certificate-made-up").by(2).leavingView().sending(makeUp)
      .happening { isolateFirst(&$0, 40..<100) },
    change("view-huge") { change, _ in change.newView = View(1 << 40) },
    Behaviour("view-changes-out-of-the-blue").by(1).leavingView(false).adding { liar in
      liar.toAll(.viewChange(liar.viewChange(to: 1 << 40)))
    },
    // f are fewer than f+1: they move nobody.
    Behaviour("view-change-storm").by(1).leavingView(false).adding { liar in
      liar.toAll(.viewChange(liar.viewChange(to: UInt64(liar.quantum))))
    },
    // By its numbers, if not by the clock. It must not hear what it has signed: its core would
    // take it for forgotten.
    Behaviour("votes-after-leaving").by(2).leavingView().proving("E6b").adding { liar in
      guard liar.quantum == 44, var header = liar.blocks.last?.header else { return [] }
      header.place = BlockPlace(header.view, header.sequenceNumber.next)
      return liar.toAll(.vote(liar.vote(.prepare, header)))
    }.hearing { message in
      if case .status = message { false } else { true }
    }.happening { isolateFirst(&$0, 40..<100) },
    Behaviour("view-change-at-every-checkpoint").by(nil).leavingView().lasting(3_000)
      .happening { stage in
        let marks = stage.replicas.compactMap { $0.core?.byzantineStatus.lowWatermark }
        guard stage.isAsked, let stable = marks.max(), stable > stage.phase else { return }
        stage.phase = Int(stable)
        stage.loseAllPatience()
      },
    Behaviour("stable-while-changing-views").by(nil).leavingView().delaying { message in
      if case .checkpoint = message { return 25 }
      return 0
    }.happening { isolateFirst(&$0, 40..<100) },
    // Whoever begins a view is not heard at once: the others learn of it by asking.
    Behaviour("new-views-lost-at-first").by(nil).leavingView().happening { stage in
      isolateFirst(&stage, 40..<100)
      let begun = stage.replicas.filter { $0.core?.leaderID != nil }
      stage.phase = Int(begun.compactMap { $0.core?.status.term.rawValue }.max() ?? 0)
    }.losing { sending, _, stage in
      guard case .newView(let newView) = sending.message else { return false }
      return newView.newView > View(UInt64(stage.phase))
    },
    // One replica alone sees that 2f+1 have left, and goes on to the next view: all the others
    // are a view behind it, and too few for any.
    Behaviour("one-view-ahead").leavingView().sending { sending, liar in
      liar.quantum < 36 ? [sending] : []
    }.losing { sending, _, stage in
      guard case .viewChange(let change) = sending.message else { return false }
      return change.replica.place == stage.victim && change.newView == View(1)
    },
    Behaviour("blocks-made-up-for-whoever-asks").by(1).sending { sending, liar in
      guard case .blocks(let blocks) = sending.message else { return [sending] }
      let rivals = blocks.map { liar.rival(of: $0, 5) }
      return [Sending(to: sending.to, message: .blocks(rivals))]
    }.happening { stage in
      stage.isolate([stage.victim], during: 30..<150)
    },
  ]

  /// A certificate of nobody's votes for a chain beside the newest block; its bodies are sent to
  /// whoever will ask for them.
  private static func makeUp(_ sending: Sending, _ liar: inout Liar) -> [Sending] {
    guard case .viewChange(var change) = sending.message, change.replica == liar.replica,
      let block = liar.blocks.last
    else { return [sending] }
    let fork = liar.fork(of: block)
    for quanta in 1...20 {
      let bodies = Sending(to: sending.to, message: .blocks(fork.reversed()))
      liar.hold(bodies, for: 2 * quanta)
    }
    change.high?.header = fork[1].header
    let signed = liar.authority.sign(change, by: liar.genesis.signers[liar.place])
    return [Sending(to: sending.to, message: .viewChange(signed))]
  }

  /// A view change of the liar's own, changed and signed again.
  private static func change(
    _ name: String,
    proving evidence: String? = nil,
    votingLate isLate: Bool = false,
    _ change: @escaping @Sendable (inout ViewChange, Liar) -> Void
  ) -> Behaviour {
    let behaviour = Behaviour(name).by(2).leavingView().sending { sending, liar in
      if isLate, case .vote = sending.message {
        liar.hold(sending, for: 5)
        return []
      }
      guard case .viewChange(var viewChange) = sending.message,
        viewChange.replica == liar.replica
      else { return [sending] }
      change(&viewChange, liar)
      let signed = liar.authority.sign(viewChange, by: liar.genesis.signers[liar.place])
      return [Sending(to: sending.to, message: .viewChange(signed))]
    }.happening { isolateFirst(&$0, 40..<100) }
    return evidence.map { behaviour.proving($0) } ?? behaviour
  }

  static let newViews = [
    newView("new-views-two", proving: "E7") { newView, sending, liar in
      var other = newView
      other.counter = liar.nextCounter()
      return [newView, liar.authority.sign(other, by: liar.genesis.signers[liar.place])]
    },
    newView("new-view-of-2f", proving: "E7") { newView, _, liar in
      [liar.newView(newView.newView, of: Array(newView.viewChanges.dropLast()))]
    },
    newView("new-view-repeats-a-view-change", proving: "E7") { newView, _, liar in
      let repeated = [newView.viewChanges[0]] + newView.viewChanges.dropLast()
      return [liar.newView(newView.newView, of: repeated)]
    },
    // Its own word as often as it takes, and in that nothing of what was prepared.
    newView("new-view-of-one-voice", proving: "E7") { newView, _, liar in
      let own = liar.viewChange(to: newView.newView.rawValue)
      let changes = Array(repeating: own, count: liar.authority.quorum)
      return [liar.newView(newView.newView, of: changes)]
    },
    // Its own word has a certificate that nobody signed.
    newView("new-view-over-a-forged-certificate", proving: "E7") { newView, _, liar in
      var changes = newView.viewChanges
      guard let own = changes.firstIndex(where: { $0.replica == liar.replica }) else {
        return [newView]
      }
      changes[own].high?.backups[0].signature = .unsigned
      changes[own].counter = liar.nextCounter()
      changes[own] = liar.authority.sign(changes[own], by: liar.genesis.signers[liar.place])
      return [liar.newView(newView.newView, of: changes)]
    },
    // Another's word without its certificates, which that one did not sign.
    newView("new-view-without-a-certificate", proving: "E7") { newView, _, liar in
      var changes = newView.viewChanges
      changes[0].high = nil
      changes[0].stable = nil
      changes[0].counter += 9
      return [liar.newView(newView.newView, of: changes)]
    },
    newView("new-view-for-half") { newView, sending, _ in sending.to % 2 == 0 ? [newView] : [] },
    anchor("anchor-equivocates") { block, to, liar in
      to % 2 == 0 ? block : liar.rival(of: block, 1)
    }.proving("E1"),
    anchor("anchor-on-another-base") { block, _, _ in
      var moved = block
      moved.header.parent = Digest(bits: Bits256(1, 2, 3, 4))
      return moved
    },
    // The very new view that was sent, signed once more.
    anchor("anchor-names-another-new-view") { block, _, liar in
      guard var other = liar.newViews.last else { return block }
      other.counter += 1
      let signed = liar.authority.sign(other, by: liar.genesis.signers[liar.place])
      var moved = block
      moved.header.newView = liar.authority.digest(of: signed)
      return moved
    },
    anchor("anchor-missing") { block, _, liar in
      var normal = block
      normal.header.kind = .normal
      normal.header.newView = .zero
      // The anchor's entry is none of its own.
      normal.header.lastIndex = normal.header.lastIndex.previous
      normal.body = liar.envelopes.suffix(1)
      return liar.completed(normal)
    },
  ]

  private static func newView(
    _ name: String,
    proving evidence: String? = nil,
    _ make: @escaping @Sendable (NewView, Sending, inout Liar) -> [NewView]
  ) -> Behaviour {
    let behaviour = Behaviour(name).by(1).leavingView().sending { sending, liar in
      guard case .newView(let newView) = sending.message, newView.replica == liar.replica else {
        return [sending]
      }
      return make(newView, sending, &liar).map {
        Sending(to: sending.to, message: .newView($0))
      }
    }.happening { isolateFirst(&$0, 40..<100) }
    return evidence.map { behaviour.proving($0) } ?? behaviour
  }

  private static func anchor(
    _ name: String,
    _ make: @escaping @Sendable (Block, Int, Liar) -> Block
  ) -> Behaviour {
    Behaviour(name).by(1).leavingView().sending { sending, liar in
      // The anchor leaves right behind it.
      if case .newView = sending.message { liar.overhear(sending.message) }
      guard case .prePrepare(let proposal) = sending.message,
        proposal.block.header.kind == .anchor
      else { return [sending] }
      let block = make(proposal.block, sending.to, liar)
      return [Sending(to: sending.to, message: .prePrepare(liar.proposal(block)))]
    }.happening { isolateFirst(&$0, 40..<100) }
  }

  static func isolateFirst(_ stage: inout BehaviourStage, _ quanta: Range<Int>) {
    stage.isolate([0], during: quanta)
  }
}
