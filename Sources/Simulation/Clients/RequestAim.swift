import ClientProtocol
import Consensus
import Wire

/// What a request asks of a node, as far as the node's answer to it is judged.
enum RequestAim {
  /// About a session itself.
  case session(isNew: Bool)
  /// A write, or what became of one.
  case write
  /// A linearizable read.
  case read(ScanStep)
  /// A stale read: the greatest lag in microseconds, and what the node knew to be committed.
  case staleRead(lagMax: UInt64, committed: LogIndex, ScanStep)

  /// What a read has to do with scans.
  enum ScanStep {
    case none
    case first
    case next(cursor: UInt64)
  }

  init(_ request: Request, committed: LogIndex) {
    switch request {
    case .openSession: self = .session(isNew: true)
    case .closeSession: self = .session(isNew: false)
    case .read(let read):
      let step = ScanStep(read.query)
      switch read.consistency {
      case .linearizable: self = .read(step)
      case .stale(let milliseconds):
        self = .staleRead(lagMax: UInt64(milliseconds) * 1_000, committed: committed, step)
      }
    default: self = .write
    }
  }

  /// The part of a scan that it asks for.
  var step: ScanStep {
    switch self {
    case .read(let step), .staleRead(_, _, let step): step
    case .session, .write: .none
    }
  }

  var isRead: Bool {
    switch self {
    case .read, .staleRead: true
    case .session, .write: false
    }
  }

  /// Whether a refusal can have a reason that has to do with this request.
  func mayBeRefused(_ refusal: Refusal) -> Bool {
    switch refusal {
    case .overloaded, .noLeader, .statesDiffer, .fenced: true
    case .notLeader, .leadershipLost, .transferInProgress, .diskFull: !isRead
    case .notOfferedByAll: if case .write = self { true } else { false }
    case .deadlinePassed: isRead
    case .tooManySessions: if case .session(isNew: true) = self { true } else { false }
    case .sessionExpired, .sequenceAnswered, .sequencePastWindow, .sequenceSealed:
      if case .write = self { true } else { false }
    case .tooStale: if case .staleRead = self { true } else { false }
    case .transferFailed, .changeInProgress, .leaderUnsettled, .memberUnknown, .memberExists,
      .membersOutOfBounds, .quorumWouldBeLost, .learnerBehind:
      false
    }
  }
}

extension RequestAim.ScanStep {
  fileprivate init(_ query: [UInt8]) {
    switch (try? Query(decoding: query))?.question {
    case .scan, .kvRange: self = .first
    case .next(let cursor): self = .next(cursor: cursor)
    default: self = .none
    }
  }
}
