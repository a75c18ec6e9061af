import Consensus
import Replication

extension LockstepServer {
  /// Members have come, gone or moved.
  func configurationChanged(_ next: ClusterConfiguration) {
    configuration = next
    peers?.use(next)
    func ids(_ seats: [ClusterConfiguration.Seat]) -> String {
      seats.map { "\($0.member.id)" }.joined(separator: ",")
    }
    say(
      .info,
      "members.changed",
      [
        ("voters", ids(next.seats)), ("leaving", ids(next.outgoing)),
        ("learners", ids(next.learners.map(\.seat))),
      ]
    )
  }

  /// What this node makes of its state has changed: the log says so, and no page of a state in
  /// doubt leaves any more.
  func divergenceChanged(_ divergence: Divergence) {
    let fields = [
      ("nodes", divergence.differing.map { "\($0)" }.joined(separator: ",")),
      ("agree_through", "\(divergence.agreesThrough)"),
      ("differ_from", "\(divergence.differsFrom)"),
    ]
    switch divergence.standing {
    case .fenced: say(.error, "state.fenced", fields)
    case .unsettled: say(.error, "state.unsettled", fields)
    case .sound where divergence.differing.isEmpty: say(.info, "state.settled")
    case .sound: say(.error, "state.differs", fields)
    }
    if let refusal = divergence.refusal { clients?.endStreams(because: refusal.error) }
  }
}
