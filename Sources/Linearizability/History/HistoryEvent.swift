/// One line of a history file: an operation begins or ends.
package struct HistoryEvent: Equatable, Sendable {
  /// What happens to the operation.
  package enum Kind: UInt8, Sendable, CaseIterable {
    /// It begins.
    case invoke
    /// It took effect; the result is known.
    case ok
    /// It had no effect and never will.
    case fail
    /// Nobody knows: it may take effect at any time after it began, or never.
    case info
  }

  /// Who: a number's or a text's spelling.
  package var process: HistoryValue
  /// What happens.
  package var kind: Kind
  /// The operation.
  package var function: [UInt8]
  /// What it is done to, for models with keys.
  package var key: HistoryValue?
  /// What is asked for, or what came of it.
  package var value: HistoryValue
  /// The line in the file, from 1.
  package var line: Int

  /// Whether this is a fault, put into the history to be shown.
  package var isFault: Bool { process == HistoryValue("nemesis") }

  /// An event.
  package init(
    process: HistoryValue,
    kind: Kind,
    function: [UInt8],
    key: HistoryValue? = nil,
    value: HistoryValue = .null,
    line: Int
  ) {
    self.process = process
    self.kind = kind
    self.function = function
    self.key = key
    self.value = value
    self.line = line
  }
}
