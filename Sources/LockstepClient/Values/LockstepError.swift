package import ClientProtocol

/// Why a call failed, what is known about its effect, and what to do next.
public struct LockstepError: Error, Sendable {
  /// A stable name for the kind of error; newer servers may send further ones.
  public struct Code: RawRepresentable, Hashable, Sendable {
    /// The name, as wire, command line and documentation spell it.
    public let rawValue: String

    /// A code of this name.
    public init(rawValue: String) {
      self.rawValue = rawValue
    }

    init(_ code: ErrorCode) {
      rawValue = code.rawValue
    }
  }

  /// What is known about the effect of a call that failed.
  public enum Outcome: String, Sendable {
    /// It took effect, and durably.
    case done
    /// It did not take effect and never will.
    case notApplied = "not_applied"
    /// It may have taken effect, or may yet; `Client.outcome(of:)` finds out.
    case unknown
  }

  /// The kind of error.
  public var code: Code
  /// What happened, in one sentence.
  public var message: String
  /// What is known about the effect.
  public var outcome: Outcome
  /// Whether the same call may succeed later without any change.
  public var isRetryable: Bool
  /// The revision that stood in the way of a conditional write.
  public var currentRevision: UInt64?
  /// Where the leader was last known to be.
  public var leaderHint: String?
  /// The number of the call in this client, as its events show it.
  public var requestID: UInt64?
  /// The write whose outcome can be asked for.
  public var write: WriteID?
  /// The error of a user's own type, as from decoding.
  public var underlying: (any Error)?

  /// An error of a code that the protocol knows, with the outcome that goes with it.
  package init(_ code: ErrorCode, _ message: String, outcome: RequestOutcome? = nil) {
    self.code = Code(code)
    self.message = message
    self.outcome = Outcome(outcome ?? code.outcome)
    isRetryable = code.isRetryable
    advice = code.advice
  }

  /// What to do next, as a sentence without capital and stop.
  public let advice: String
}

extension LockstepError: CustomStringConvertible {
  /// One helpful line: what happened, the code, what is known, and the next step.
  public var description: String {
    let known = outcome == .unknown ? "; it may or may not have taken effect" : ""
    return "\(message) (\(code.rawValue))\(known); \(advice)"
  }
}

extension LockstepError {
  init(_ failure: CommandReply.Failure) {
    self.init(failure.code, failure.message, outcome: .notApplied)
    currentRevision = failure.currentRevision == 0 ? nil : failure.currentRevision
  }

  /// The error in this one's place once more is known about the effect.
  func with(outcome: Outcome) -> LockstepError {
    var copy = self
    copy.outcome = outcome
    return copy
  }
}

extension LockstepError.Outcome {
  init(_ outcome: RequestOutcome) {
    switch outcome {
    case .done: self = .done
    case .notApplied: self = .notApplied
    case .unknown: self = .unknown
    }
  }
}
