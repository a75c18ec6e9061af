import Consensus

// Divergence is always watched (decision 0022).
extension Replica {
  /// How this node's results stand beside those of the others.
  package var divergence: Divergence { watch.divergence }

  /// What all results through `lastApplied` came to.
  package var resultDigest: UInt64 { results.newest.digest }

  /// Compares and reports, at the pace of heartbeats; nothing is reported where states are voted
  /// for.
  mutating func watchDivergence() {
    guard watch.takeTurn(at: now.monotonicMicroseconds) else { return }
    guard core.agreedIndex == nil else { return keepIfConfirmed() }
    judgeDivergence()
    guard let report = watch.report(of: results, at: now.monotonicMicroseconds) else { return }
    for seat in core.configuration.everybody where seat.member != identity.member {
      next.messages.append(Envelope(to: seat.member, .digests(report)))
    }
  }

  /// A member says what it came to; whoever has no seat is not heard.
  mutating func receive(_ report: DigestReport, from sender: Member) {
    guard sender != identity.member, core.configuration.seat(of: sender) != nil
    else { return }
    watch.take(report, from: sender)
    judgeDivergence()
  }

  private mutating func judgeDivergence() {
    watch.keep(core.configuration.everybody)
    let hasChanged = watch.judge(results, core.hasQuorum)
    keepIfConfirmed()
    guard hasChanged else { return }
    let divergence = watch.divergence
    next.divergence = divergence
    switch divergence.standing {
    case .fenced: core.distrust([identity.member.id])
    case .sound: core.distrust(divergence.differing)
    case .unsettled: core.distrust([])
    }
    if let refusal = divergence.refusal { fallSilent(refusal) }
  }

  /// Nothing computed from a state in doubt leaves: whoever waits is told to ask elsewhere.
  ///
  /// Writes on their way may well be committed, so their outcome is unknown.
  private mutating func fallSilent(_ refusal: Refusal) {
    for token in pending.takeAll() { answer(token, .refused(.leadershipLost)) }
    for token in reads.takeAll() { answer(token, .refused(refusal)) }
  }
}
