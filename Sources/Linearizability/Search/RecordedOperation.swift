/// One operation of a recorded history: what was asked, when, and what came of it.
///
/// Instants are places in the one order of all events of a history, not clock times.
package struct RecordedOperation<Input: Sendable, Output: Sendable>: Sendable {
  /// How an operation ended.
  package enum Ending: Sendable {
    /// It took effect before this instant, and this was the answer.
    case ok(Output, at: UInt64)
    /// It had no effect and never will.
    case fail
    /// Nobody knows: it may take effect at any time after it was invoked, or never.
    case info
  }

  /// What was asked.
  package var input: Input
  /// The instant at which it was asked.
  package var invoked: UInt64
  /// How it ended.
  package var ending: Ending

  package init(input: Input, invoked: UInt64, ending: Ending) {
    self.input = input
    self.invoked = invoked
    self.ending = ending
  }

  /// The answer, where one was seen.
  package var output: Output? {
    switch ending {
    case .ok(let output, _): output
    case .fail, .info: nil
    }
  }

  /// The instant before which it took effect, where that is known.
  package var returned: UInt64? {
    switch ending {
    case .ok(_, let instant): instant
    case .fail, .info: nil
    }
  }

  /// Whether it certainly had no effect.
  package var isFailed: Bool {
    switch ending {
    case .fail: true
    case .ok, .info: false
    }
  }
}
