/// The operations of a history, key by key, in the order in which they began.
package struct History: Sendable {
  /// What was done to one key, or to all if the history names none.
  package struct OfKey: Sendable {
    /// The key; nil if none is named.
    package var key: HistoryValue?
    /// Its operations.
    package var operations: [HistoryOperation] = []
  }

  /// Who did something; operations name them by number.
  package private(set) var processes: [HistoryValue] = []
  /// What was done, in the order in which keys are first named.
  package private(set) var keys: [OfKey] = []
  /// The faults that the file tells of, in order, each with its instant.
  package private(set) var faults: [(event: HistoryEvent, instant: Int)] = []
  /// How many events there are, faults included.
  package private(set) var eventCount = 0

  private struct Place { var key: Int, operation: Int }

  private let model: HistoryModel
  private var processNumbers: [HistoryValue: Int] = [:]
  private var keyNumbers: [HistoryValue?: Int] = [:]
  /// The operation that each process has open.
  private var open: [Place?] = []

  /// A history without events, to be judged by a model.
  package init(for model: HistoryModel) { self.model = model }

  /// A whole text.
  package init(_ text: [UInt8], for model: HistoryModel) throws(HistoryError) {
    self.init(for: model)
    var reader = HistoryReader()
    for event in try reader.read(text) { try add(event) }
    for event in try reader.finish() { try add(event) }
  }

  /// How many operations there are.
  package var operationCount: Int { keys.reduce(0) { $0 + $1.operations.count } }

  /// Adds the next event.
  package mutating func add(_ event: HistoryEvent) throws(HistoryError) {
    let instant = eventCount
    eventCount += 1
    guard !event.isFault else {
      faults.append((event, instant))
      return
    }
    let process = number(of: event.process)
    if event.kind == .invoke {
      try begin(event, by: process, at: instant)
    } else {
      try end(event, by: process, at: instant)
    }
  }

  private mutating func begin(
    _ event: HistoryEvent,
    by process: Int,
    at instant: Int
  ) throws(HistoryError) {
    if let place = open[process] {
      let line = keys[place.key].operations[place.operation].lines.begin
      throw HistoryError(
        line: event.line,
        "process \(event.process) begins an operation, but that of line \(line) is still open"
      )
    }
    let function = try model.function(of: event)
    let key = number(ofKey: model.hasKeys ? event.key : nil)
    open[process] = Place(key: key, operation: keys[key].operations.count)
    var operation = HistoryOperation(
      function,
      try model.argument(of: event, function),
      by: process,
      start: instant
    )
    operation.lines.begin = event.line
    operation.times.begin = event.time
    keys[key].operations.append(operation)
  }

  private mutating func end(
    _ event: HistoryEvent,
    by process: Int,
    at instant: Int
  ) throws(HistoryError) {
    guard let place = open[process] else {
      throw HistoryError(
        line: event.line,
        "process \(event.process) ends an operation, but has none open"
      )
    }
    open[process] = nil
    let begun = keys[place.key].operations[place.operation]
    guard event.function.elementsEqual(begun.function.rawValue.utf8) else {
      let name = String(decoding: event.function, as: UTF8.self)
      throw HistoryError(
        line: event.line,
        "\"\(name)\" ends what line \(begun.lines.begin) began as \"\(begun.function.rawValue)\""
      )
    }
    if model.hasKeys, let key = event.key, key != keys[place.key].key {
      throw HistoryError(
        line: event.line,
        "key \(key) ends what line \(begun.lines.begin) began with another key"
      )
    }
    let result = event.kind == .ok ? try model.result(of: event, begun.function) : .null
    keys[place.key].operations[place.operation].result = result
    keys[place.key].operations[place.operation].ending = event.kind
    if event.kind != .info { keys[place.key].operations[place.operation].end = instant }
    keys[place.key].operations[place.operation].lines.end = event.line
    keys[place.key].operations[place.operation].times.end = event.time
  }

  private mutating func number(of process: HistoryValue) -> Int {
    if let number = processNumbers[process] { return number }
    let number = processes.count
    processNumbers[process] = number
    processes.append(process)
    open.append(nil)
    return number
  }

  private mutating func number(ofKey key: HistoryValue?) -> Int {
    if let number = keyNumbers[key] { return number }
    let number = keys.count
    keyNumbers[key] = number
    keys.append(OfKey(key: key))
    return number
  }
}
