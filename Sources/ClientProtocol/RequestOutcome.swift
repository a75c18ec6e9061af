/// What is known about the effect of a request that got no ordinary reply.
package enum RequestOutcome: UInt8, CaseIterable, Sendable {
  /// It took effect, and durably.
  case done = 0
  /// It did not take effect and, unless sent again, never will.
  case notApplied = 1
  /// It may have taken effect, or may yet.
  case unknown = 2
}

extension RequestOutcome {
  /// The stable string that people and scripts see.
  package var name: String {
    switch self {
    case .done: "done"
    case .notApplied: "not_applied"
    case .unknown: "unknown"
    }
  }
}
