import ClientProtocol

/// A request that a client waits for, over all its attempts.
struct ClientCall {
  /// What the request is for.
  enum Purpose: Equatable {
    case register
    case close
    case write(operation: Int, sequence: UInt64)
    /// Settles what became of a write that got no answer in time.
    case outcome(operation: Int, sequence: UInt64)
    case read(operation: Int)
  }

  let purpose: Purpose
  /// The session it belongs to; 0 where there is none.
  let session: UInt64
  let request: Request
  /// Where the next attempt goes.
  var node: Int
  /// When the next attempt is made.
  var nextAttemptAt: UInt64
  /// When the client gives up.
  let deadline: UInt64
  /// Whether only this one node can answer.
  var isBound = false
  /// Attempts that were sent and not answered yet.
  var attempts: [UInt64] = []
  /// Attempts after which nobody knows whether the request took effect.
  var unknownAttempts = 0

  /// Whether no attempt can have taken effect, or can yet.
  var isCertainlyWithoutEffect: Bool { attempts.isEmpty && unknownAttempts == 0 }

  /// The write's number, for writes.
  var sequence: UInt64? {
    switch purpose {
    case .write(_, let sequence), .outcome(_, let sequence): sequence
    case .register, .close, .read: nil
    }
  }
}
