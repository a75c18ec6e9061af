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
    case .rolledBack, .directoryRemade, .voterSilent: .refused(admission)
    }
  }

  /// A node that is refused does not start, unless it may come back.
  static func check(_ admission: AdmissionStatus, _ options: ServerOptions) throws(ServerError) {
    if !options.comesBack, let refusal = refusal(of: admission) { throw refusal }
  }

  /// This node counts from now on, or never will.
  func admissionChanged(_ admission: AdmissionStatus) {
    if let refusal = Self.refusal(of: admission) {
      guard options.comesBack else { return fail(refusal) }
      return say(.error, "node.refused", [("code", refusal.code), ("reason", "\(refusal)")])
    }
    let milliseconds = (loop.turnStart - startedAt) / 1_000
    say(
      .info,
      "node.admitted",
      [("boot", "\(identity.boot)"), ("after_ms", "\(milliseconds)")]
    )
  }

  /// The process goes on with another directory (see `NodeDirectory.comeBack`).
  func comesBack(as successor: Member) {
    say(.warning, "node.returns", [("incarnation", "\(successor.incarnation.rawValue)")])
    fail(.replaced(by: successor))
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
