import Consensus
import PBFT
import Replication
import Wire

/// What people were told last of how a Byzantine replica stands.
struct ToldStanding: Equatable {
  var view: UInt64 = 0
  var isFenced = false
  var awaitsState = false
  var haltReason: String?
}

extension ByzantineServer {
  func primaryChanged(_ change: LeaderChange) {
    primary = change.leader
    let name = change.leader.map { "\($0)" } ?? "none"
    say(.info, "pbft.primary.changed", [("primary", name), ("view", "\(change.term)")])
  }

  /// Says what has changed since it was last said.
  func tellOfStanding() {
    let status = replica.byzantineStatus
    let standing = ToldStanding(
      view: status.view,
      isFenced: status.isFenced,
      awaitsState: status.awaitsState,
      haltReason: status.haltReason
    )
    guard standing != told else { return }
    let before = told
    told = standing
    if standing.view != before.view {
      say(
        .warning,
        "pbft.view.changed",
        [
          ("view", "\(standing.view)"), ("from", "\(before.view)"),
          ("primary", "\(status.primary)"),
        ]
      )
    }
    if standing.isFenced != before.isFenced {
      say(.warning, standing.isFenced ? "pbft.fenced" : "pbft.fence.passed")
    }
    if standing.awaitsState != before.awaitsState {
      say(.warning, standing.awaitsState ? "pbft.state.wanted" : "pbft.state.installed")
    }
    if let reason = standing.haltReason, before.haltReason == nil {
      say(.error, "pbft.halted", [("reason", reason)])
    }
  }
}
