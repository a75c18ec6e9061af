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
  /// Where it begins in the file.
  package var place: HistoryPlace
  /// The line in the file, from 1.
  package var line: Int { place.line }

  /// Whether this is a fault, put into the history to be shown.
  package var isFault: Bool { process == HistoryValue("nemesis") }

  package init(
    process: HistoryValue,
    kind: Kind,
    function: [UInt8],
    key: HistoryValue? = nil,
    value: HistoryValue = .null,
    place: HistoryPlace
  ) {
    self.process = process
    self.kind = kind
    self.function = function
    self.key = key
    self.value = value
    self.place = place
  }

  /// The event with the key that its value begins with.
  ///
  /// What ended without effect, or nobody knows how, may have any other value: its key is known.
  func independent() throws(HistoryError) -> HistoryEvent {
    guard key == nil else {
      throw HistoryError(at: place, "a \"key\", though independent keys stand in the value")
    }
    var event = self
    if case .list(let pair) = value, pair.count == 2 {
      (event.key, event.value) = (pair[0], pair[1])
    } else if kind == .invoke || kind == .ok {
      throw HistoryError(at: place, "the value of an independent key is [key, value]")
    }
    return event
  }
}
