/// Why a connection is not read from; several owners of it may each have a reason.
package struct PauseReasons: OptionSet, Sendable {
  /// Answers wait that the other side does not take.
  package static let unsent = PauseReasons(rawValue: 1)
  /// What it has said keeps others busy.
  package static let unprocessed = PauseReasons(rawValue: 2)

  /// One bit for each reason.
  package let rawValue: UInt8

  /// The reasons of these bits.
  package init(rawValue: UInt8) {
    self.rawValue = rawValue
  }
}
