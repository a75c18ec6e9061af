package import Linearizability

/// One operation of a finished history, its two lines brought together, for judges of our own.
package struct RecordedCall: Sendable {
  /// Who.
  package var process: HistoryValue
  /// The operation.
  package var function: String
  /// What it was done to.
  package var key: HistoryValue?
  /// What was asked for.
  package var argument: HistoryValue
  /// What came of it; null unless that is known.
  package var result = HistoryValue.null
  /// How it ended; `invoke` if it never did.
  package var ending = HistoryEvent.Kind.invoke
  /// The places of both lines in the one order of all events; no end where none was seen.
  package var instants: (begin: Int, end: Int?)

  /// The operations in a row of events, in the order in which they began.
  package static func calls(of events: [HistoryEvent]) -> [RecordedCall] {
    var calls: [RecordedCall] = []
    var open: [HistoryValue: Int] = [:]
    for (instant, event) in events.enumerated() where !event.isFault {
      guard event.kind != .invoke else {
        open[event.process] = calls.count
        calls.append(RecordedCall(beginning: event, at: instant))
        continue
      }
      guard let place = open.removeValue(forKey: event.process) else { continue }
      calls[place].ending = event.kind
      if event.kind == .ok { calls[place].result = event.value }
      if event.kind != .info { calls[place].instants.end = instant }
    }
    return calls
  }

  private init(beginning event: HistoryEvent, at instant: Int) {
    process = event.process
    function = String(decoding: event.function, as: UTF8.self)
    key = event.key
    argument = event.value
    instants = (instant, nil)
  }
}

/// What cannot be, found by a judge.
package struct CallFinding: Sendable {
  /// The key it is about; nil if it is about all.
  package var key: String?
  /// What cannot be, in one or more sentences.
  package var sentence: String
  /// The operations that show it, a line each.
  package var lines: [String]

  /// A finding.
  package init(key: String?, sentence: String, lines: [String] = []) {
    (self.key, self.sentence, self.lines) = (key, sentence, lines)
  }
}
