import Consensus
import Raft
import Replication
import Transport

extension LockstepServer {
  private static let waitingNoticeMicroseconds: UInt64 = 10_000_000

  /// Why a node does not run at all, if it does not.
  static func refusal(of admission: AdmissionStatus) -> ServerError? {
    switch admission {
    case .waiting, .admitted: nil
    case .rolledBack, .directoryRemade: .refused(admission)
    }
  }

  /// This node counts from now on, or never will.
  func admissionChanged(_ admission: AdmissionStatus) {
    if let refusal = Self.refusal(of: admission) { return fail(refusal) }
    let milliseconds = (loop.turnStart - startedAt) / 1_000
    say(
      .info,
      "node.admitted",
      [("boot", "\(identity.boot)"), ("after_ms", "\(milliseconds)")]
    )
  }

  /// Says now and then for whom this node waits.
  func tellOfWaiting() {
    guard replica.core.status.admission == .waiting, loop.turnStart >= nextWaitingNotice else {
      return
    }
    // Not at once: usually it is admitted within a moment.
    let isFirst = nextWaitingNotice == 0
    nextWaitingNotice = loop.turnStart + (isFirst ? 1_000_000 : Self.waitingNoticeMicroseconds)
    guard !isFirst else { return }
    let names = replica.core.unheardVoters.map { "\($0)" }.joined(separator: ",")
    say(.warning, "node.waiting", [("for", names)])
  }
}
