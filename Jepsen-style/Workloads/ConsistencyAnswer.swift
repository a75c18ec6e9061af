import Linearizability

/// An answer of workload `consistency`, taken apart.
struct ConsistencyAnswer {
  let call: RecordedCall
  let value: HistoryValue
  let revision: Int64
  /// Microseconds of the clock that all clients share.
  let began: Int64
  let ended: Int64
  var isStale: Bool { call.function == "stale-get" }
  var isWrite: Bool { call.function == "put" }
  /// The place of its end in the one order of all events.
  var end: Int { call.instants.end ?? .max }

  init?(_ call: RecordedCall) {
    guard call.ending == .ok, case .list(let parts) = call.result, parts.count == 4,
      case .integer(let revision) = parts[1], case .integer(let began) = parts[2],
      case .integer(let ended) = parts[3]
    else { return nil }
    self.call = call
    value = parts[0]
    (self.revision, self.began, self.ended) = (revision, began, ended)
  }

  var line: String {
    "process \(call.process): \(call.function) → \(value) at revision \(revision)"
  }
}

extension CallFinding {
  /// What answers cannot have shown.
  init(_ sentence: String, _ answers: [ConsistencyAnswer]) {
    self.init(
      key: answers[0].call.key?.description,
      sentence: sentence,
      lines: answers.map(\.line)
    )
  }
}
