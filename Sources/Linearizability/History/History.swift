/// The operations of a history, key by key, in the order in which they began.
///
/// They are kept packed and unpacked one key at a time: what has to be in memory is some 40 bytes
/// for each operation of the history, and all of one key.
package struct History: Sendable {
  /// What was done to one key, or to all if the history names none.
  package struct OfKey: Sendable {
    /// The key; nil if none is named.
    package let key: HistoryValue?
    var packed = PackedOperations()

    /// Its operations, unpacked: ask once.
    package var operations: [HistoryOperation] {
      (0..<packed.count).map {
        packed.operation($0, as: HistoryFunction.allCases[packed.function(of: $0)])
      }
    }

    /// How many operations there are.
    package var operationCount: Int { packed.count }
    /// Of how many nobody knows the outcome.
    package var unknownCount: Int { packed.unknownCount }
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

  /// The names of operations where there is no model to know them.
  private(set) var functionNames: [[UInt8]] = []

  /// Nil takes any operation.
  private let model: HistoryModel?
  /// Whether values begin with the key.
  private let isIndependent: Bool
  private var processNumbers: [HistoryValue: Int] = [:]
  private var keyNumbers: [HistoryValue?: Int] = [:]
  /// The operation that each process has open.
  private var open: [Place?] = []

  /// A history without events, to be judged by a model.
  ///
  /// If it is of independent keys, every value is a list of the key and of what else would be the
  /// value; only for models whose keys are judged one by one.
  package init(for model: HistoryModel, isIndependent: Bool = false) {
    self.model = model
    self.isIndependent = isIndependent
  }

  /// A history without events, of any operations.
  init() {
    model = nil
    isIndependent = false
  }

  /// A whole text.
  package init(_ text: [UInt8], for model: HistoryModel) throws(HistoryError) {
    self.init(for: model)
    var reader = HistoryReader()
    for event in try reader.read(text) { try add(event) }
    for event in try reader.finish() { try add(event) }
  }

  /// How many operations there are.
  package var operationCount: Int { keys.reduce(0) { $0 + $1.operationCount } }

  /// Adds the next event.
  package mutating func add(_ event: HistoryEvent) throws(HistoryError) {
    let instant = eventCount
    eventCount += 1
    guard event.line < UInt32.max, instant < UInt32.max else {
      throw HistoryError(at: event.place, "more than \(UInt32.max) events")
    }
    guard !event.isFault else {
      faults.append((event, instant))
      return
    }
    let event = isIndependent ? try event.independent() : event
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
      throw HistoryError(
        at: event.place,
        "process \(event.process) begins an operation, but that of line "
          + "\(beginLine(of: place)) is still open"
      )
    }
    let (function, argument) = try request(of: event)
    let key = number(ofKey: model?.hasKeys ?? true ? event.key : nil)
    let caller = PackedOperations.Caller(process: process, function: function, instant: instant)
    open[process] = Place(key: key, operation: keys[key].packed.begin(event, argument, by: caller))
  }

  /// The number of the function, and what is asked for.
  private mutating func request(
    of event: HistoryEvent
  ) throws(HistoryError) -> (function: UInt8, argument: HistoryValue) {
    if let model {
      let function = try model.function(of: event)
      return (function.number, try model.argument(of: event, function))
    }
    if let known = functionNames.firstIndex(of: event.function) {
      return (UInt8(known), event.value)
    }
    guard functionNames.count < Int(UInt8.max) else {
      throw HistoryError(at: event.place, "more than \(UInt8.max) different operations")
    }
    functionNames.append(event.function)
    return (UInt8(functionNames.count - 1), event.value)
  }

  private mutating func end(
    _ event: HistoryEvent,
    by process: Int,
    at instant: Int
  ) throws(HistoryError) {
    guard let place = open[process] else {
      throw HistoryError(
        at: event.place,
        "process \(event.process) ends an operation, but has none open"
      )
    }
    open[process] = nil
    let begun = name(ofFunction: keys[place.key].packed.function(of: place.operation))
    guard event.function == begun else {
      throw HistoryError(
        at: event.place,
        "\(HistoryValue.text(event.function)) ends what line \(beginLine(of: place)) began as "
          + "\(HistoryValue.text(begun))"
      )
    }
    if let key = event.key, model?.hasKeys ?? true, key != keys[place.key].key {
      throw HistoryError(
        at: event.place,
        "key \(key) ends what line \(beginLine(of: place)) began with another key"
      )
    }
    keys[place.key].packed.end(place.operation, event, try result(of: event), at: instant)
  }

  private func result(of event: HistoryEvent) throws(HistoryError) -> HistoryValue {
    guard event.kind == .ok else { return .null }
    guard let model else { return event.value }
    return try model.result(of: event, model.function(of: event))
  }

  private func beginLine(of place: Place) -> Int {
    keys[place.key].packed.beginLine(of: place.operation)
  }

  private func name(ofFunction number: Int) -> [UInt8] {
    model == nil ? functionNames[number] : Array(HistoryFunction.allCases[number].rawValue.utf8)
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
