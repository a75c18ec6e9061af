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
  /// The latest place, not behind its beginning, at which a fault lasted; -1 if none had.
  package var lastFault = -1

  /// The operations in a row of events, in the order in which they began.
  package static func calls(of events: [HistoryEvent]) -> [RecordedCall] {
    var calls: [RecordedCall] = []
    var open: [HistoryValue: Int] = [:]
    var faults = LastingFaults()
    for (instant, event) in events.enumerated() {
      guard !event.isFault else {
        faults.take(event, at: instant)
        continue
      }
      guard event.kind != .invoke else {
        open[event.process] = calls.count
        calls.append(RecordedCall(beginning: event, at: instant))
        calls[calls.count - 1].lastFault = faults.last(at: instant)
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

/// Which faults last, as the lines of a history tell: each begins and ends, or all are healed.
private struct LastingFaults {
  private var counts: [Substring: Int] = [:]
  private var lastEnd = -1

  /// The latest place, not behind this one, at which a fault lasted.
  func last(at instant: Int) -> Int { counts.isEmpty ? lastEnd : instant }

  mutating func take(_ event: HistoryEvent, at instant: Int) {
    let words = String(decoding: event.function, as: UTF8.self).split(separator: " ")
    guard words.count == 2, let kind = words.last, words[0] == "begin" else {
      lastEnd = instant
      guard words.count == 2, let kind = words.last else { return counts = [:] }
      counts[kind] = counts[kind].flatMap { $0 > 1 ? $0 - 1 : nil }
      return
    }
    counts[kind, default: 0] += 1
  }
}

/// What cannot be, or could not be told, found by a judge.
package struct CallFinding: Sendable {
  /// The key it is about; nil if it is about all.
  package var key: String?
  /// What cannot be, in one or more sentences.
  package var sentence: String
  /// The operations that show it, a line each.
  package var lines: [String]
  /// Whether it is so; else it only could not be told.
  package var isCertain = true

  /// A finding.
  package init(key: String?, sentence: String, lines: [String] = []) {
    (self.key, self.sentence, self.lines) = (key, sentence, lines)
  }
}
