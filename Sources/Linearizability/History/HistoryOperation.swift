/// One operation of a history: its two events brought together.
///
/// Instants are places in the one order of all events, not clock times.
package struct HistoryOperation: Equatable, Sendable {
  /// The instant of an end that was never seen.
  package static let never = Int.max

  /// Who, as a number of `History.processes`.
  package var process: Int
  /// The operation.
  package var function: HistoryFunction
  /// What is asked for.
  package var argument: HistoryValue
  /// What came of it; null unless it is known.
  package var result: HistoryValue
  /// How it ended; `invoke` if the history ends before.
  package var ending: HistoryEvent.Kind
  /// The instant at which it began.
  package var start: Int
  /// The instant at which it was known to have taken effect, or not; or `never`.
  package var end: Int
  /// The lines in the file of its beginning and, if it has one, its end.
  package var lines: (begin: Int, end: Int?)

  /// An operation that is open.
  package init(
    _ function: HistoryFunction,
    _ argument: HistoryValue,
    by process: Int,
    start: Int
  ) {
    self.function = function
    self.argument = argument
    self.process = process
    self.start = start
    result = .null
    ending = .invoke
    end = Self.never
    lines = (0, nil)
  }

  /// Whether it took effect, and the result is known.
  package var isOK: Bool { ending == .ok }
  /// Whether nobody knows if it took effect.
  package var isUnknown: Bool { ending == .info || ending == .invoke }

  /// Whether both are the same operation of a history.
  package static func == (left: Self, right: Self) -> Bool {
    left.start == right.start && left.function == right.function
      && left.argument == right.argument && left.result == right.result
      && left.ending == right.ending && left.end == right.end
  }
}

/// What an operation does (docs/formats/history.md).
package enum HistoryFunction: String, Sendable, CaseIterable {
  /// Finds what is there.
  case read
  /// Replaces what is there.
  case write
  /// Replaces what is there if it is what is expected.
  case cas
  /// Finds what is there under a key.
  case get
  /// Replaces what is there under a key.
  case put
  /// Removes what is there under a key.
  case del
  /// Puts text at the end.
  case append
  /// Puts a value into a set.
  case add
  /// Several steps at once.
  case txn
  /// Moves money between accounts.
  case transfer
  /// Puts a document where there is none.
  case insert
  /// Replaces a document that exists, at a revision if one is given.
  case replace
  /// Removes a document, at a revision if one is given.
  case delete
  /// Counts up.
  case increment
  /// Finds the documents of a range.
  case scan
  /// Counts the documents of a range.
  case count

  /// Its place among all.
  var number: UInt8 { Self.numbers[self] ?? 0 }

  private static let numbers = Dictionary(
    uniqueKeysWithValues: zip(allCases, (0..<UInt8(allCases.count)))
  )
}
