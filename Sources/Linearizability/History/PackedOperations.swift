/// The operations on one key, packed: 40 bytes each, and beside them the values that need more.
///
/// Whole numbers of 61 bits, null, true, false and texts of up to seven bytes lie in the record
/// itself. Lines and instants are 32-bit numbers, so that a history has fewer than 2^32 events.
struct PackedOperations: Sendable {
  private struct Record: Sendable {
    var argument: PackedValue
    var result = PackedValue.null
    var process: UInt32
    var start: UInt32
    var end = UInt32.max
    var beginLine: UInt32
    /// 0 if the history ends before.
    var endLine: UInt32 = 0
    var function: UInt8
    var ending = HistoryEvent.Kind.invoke
  }

  private var records: [Record] = []
  private var values: [HistoryValue] = []

  var count: Int { records.count }

  var unknownCount: Int { records.count { $0.ending == .invoke || $0.ending == .info } }

  /// Adds an operation that begins; its place.
  mutating func begin(_ event: HistoryEvent, _ argument: HistoryValue, by caller: Caller) -> Int {
    records.append(
      Record(
        argument: PackedValue(argument, beside: &values),
        process: UInt32(caller.process),
        start: UInt32(caller.instant),
        beginLine: UInt32(event.line),
        function: caller.function
      )
    )
    return records.count - 1
  }

  /// Ends an operation.
  mutating func end(_ place: Int, _ event: HistoryEvent, _ result: HistoryValue, at instant: Int) {
    records[place].result = PackedValue(result, beside: &values)
    records[place].ending = event.kind
    if event.kind != .info { records[place].end = UInt32(instant) }
    records[place].endLine = UInt32(event.line)
  }

  /// The line in which an operation begins.
  func beginLine(of place: Int) -> Int { Int(records[place].beginLine) }

  /// The number of an operation's function.
  func function(of place: Int) -> Int { Int(records[place].function) }

  /// An operation as judges take it; which function its number stands for, the caller knows.
  func operation(_ place: Int, as function: HistoryFunction) -> HistoryOperation {
    let record = records[place]
    var operation = HistoryOperation(
      function,
      record.argument.value(beside: values),
      by: Int(record.process),
      start: Int(record.start)
    )
    operation.result = record.result.value(beside: values)
    operation.ending = record.ending
    if record.end != .max { operation.end = Int(record.end) }
    operation.lines = (Int(record.beginLine), record.endLine == 0 ? nil : Int(record.endLine))
    return operation
  }

  /// Who does what, when: numbers for what a history says in words.
  struct Caller {
    let process: Int
    let function: UInt8
    let instant: Int
  }
}

/// A value in eight bytes: itself, or where it lies in a table.
private struct PackedValue: Sendable {
  static let null = PackedValue(bits: 2)

  private static let shortTextMax = 7

  private let bits: UInt64

  private init(bits: UInt64) { self.bits = bits }

  /// The two lowest bits say which: a number, a place in the table, a constant, a short text.
  init(_ value: HistoryValue, beside values: inout [HistoryValue]) {
    switch value {
    case .null: bits = 2
    case .boolean(let isTrue): bits = isTrue ? 4 | 2 : 8 | 2
    case .integer(let number) where (number << 2) >> 2 == number:
      bits = UInt64(bitPattern: number) << 2
    case .text(let bytes) where bytes.count <= Self.shortTextMax:
      var packed = UInt64(0)
      for byte in bytes.reversed() { packed = (packed << 8) | UInt64(byte) }
      bits = (packed << 8) | (UInt64(bytes.count) << 2) | 3
    case .integer, .number, .text, .list, .fields:
      bits = (UInt64(values.count) << 2) | 1
      values.append(value)
    }
  }

  func value(beside values: [HistoryValue]) -> HistoryValue {
    switch bits & 3 {
    case 0: return .integer(Int64(bitPattern: bits) >> 2)
    case 1: return values[Int(bits >> 2)]
    case 2: return bits == 2 ? .null : .boolean(bits & 4 != 0)
    default:
      let count = Int(bits >> 2 & 7)
      return .text((0..<count).map { UInt8(truncatingIfNeeded: bits >> UInt64(8 + 8 * $0)) })
    }
  }
}
