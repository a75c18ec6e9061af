import BSON

/// Cuts a history's text into events: JSON lines, EDN maps, or the lines of Jepsen's console log.
///
/// Text comes in pieces of any size; nothing is kept but the unfinished end of the last one. Which
/// of the three it is, its first character says.
package struct HistoryReader: Sendable {
  private enum Notation { case json, edn, console }

  /// A line, or a map in EDN, is at most so long.
  package static let unitSizeMax = 16 << 20

  private var notation: Notation?
  private var rest: [UInt8] = []
  /// Where `rest` begins.
  private var place = HistoryPlace(line: 1, column: 1)

  /// A reader at the beginning of a text.
  package init() {}

  /// The events that end within this piece of text.
  package mutating func read(_ text: [UInt8]) throws(HistoryError) -> [HistoryEvent] {
    rest += text
    return try events(isLast: false)
  }

  /// The event that the text ends with, if its line has no end.
  package mutating func finish() throws(HistoryError) -> [HistoryEvent] {
    try events(isLast: true)
  }

  private mutating func events(isLast: Bool) throws(HistoryError) -> [HistoryEvent] {
    if notation == nil { notation = Self.notation(of: rest, isLast: isLast) }
    guard let notation else { return [] }
    var events: [HistoryEvent] = []
    var start = 0
    while let end = unitEnd(from: start, notation, isLast: isLast) {
      let unit = Array(rest[start..<end])
      if let event = try event(in: unit, notation) { events.append(event) }
      place = place.behind(unit[...])
      start = end
    }
    rest.removeFirst(start)
    guard rest.count <= Self.unitSizeMax else {
      throw HistoryError(at: place, "an event of more than \(Self.unitSizeMax >> 20) MiB")
    }
    return events
  }

  private static func notation(of text: [UInt8], isLast: Bool) -> Notation? {
    guard let start = text.firstIndex(where: { $0 > 32 }) else { return nil }
    switch text[start] {
    case UInt8(ascii: "["), UInt8(ascii: ";"), UInt8(ascii: "#"): return .edn
    case UInt8(ascii: "{"):
      guard let inner = text[(start + 1)...].first(where: { $0 > 32 }) else {
        return isLast ? .json : nil
      }
      return inner == UInt8(ascii: ":") ? .edn : .json
    default: return .console
    }
  }

  /// Behind the next whole event; nil if more text is needed.
  private func unitEnd(from start: Int, _ notation: Notation, isLast: Bool) -> Int? {
    guard start < rest.count else { return nil }
    switch notation {
    case .json, .console:
      if let end = rest[start...].firstIndex(of: 10) { return end + 1 }
    case .edn:
      if let end = mapEnd(from: start) { return end }
    }
    return isLast ? rest.count : nil
  }

  /// Behind the brace that closes the first map.
  private func mapEnd(from start: Int) -> Int? {
    var depth = 0
    var isText = false
    var place = start
    while place < rest.count {
      switch rest[place] {
      case UInt8(ascii: "\\"): place += 1
      case UInt8(ascii: "\""): isText.toggle()
      case UInt8(ascii: ";") where !isText:
        while place < rest.count, rest[place] != 10 { place += 1 }
      case UInt8(ascii: "{") where !isText: depth += 1
      case UInt8(ascii: "}") where !isText:
        depth -= 1
        if depth == 0 { return place + 1 }
      default: break
      }
      place += 1
    }
    return nil
  }

  private func event(
    in unit: [UInt8],
    _ notation: Notation
  ) throws(HistoryError) -> HistoryEvent? {
    switch notation {
    case .json:
      guard let start = unit.firstIndex(where: { $0 > 32 }) else { return nil }
      return try event(of: try jsonFields(unit), at: place.behind(unit[..<start]))
    case .edn: return try ednEvent(unit)
    case .console: return try consoleEvent(unit)
    }
  }

  /// A map, which may have a tag; nil if there are only comments and the brackets of a vector
  /// around all maps.
  private func ednEvent(_ unit: [UInt8]) throws(HistoryError) -> HistoryEvent? {
    var scanner = EDNScanner(unit, at: place)
    scanner.skipBrackets()
    guard !scanner.isAtEnd() else { return nil }
    let (start, place) = (scanner.position, scanner.place)
    guard unit[start] == UInt8(ascii: "{") || unit[start] == UInt8(ascii: "#") else {
      throw scanner.failure("a map")
    }
    let fields = try scanner.value()
    scanner.skipBrackets()
    guard scanner.isAtEnd() else { throw scanner.failure("the end of the map") }
    return try event(of: fields, at: place)
  }

  private func jsonFields(_ unit: [UInt8]) throws(HistoryError) -> HistoryValue {
    do {
      return HistoryValue(try BSONDocument(json: unit))
    } catch .malformedJSON(_, let column, let expected, let found) {
      let line = place.line
      throw HistoryError(line: line, column: column, "expected \(expected), found \(found)")
    } catch {
      throw HistoryError(at: place, error.description)
    }
  }

  /// `… - 0 :invoke :write 4`: process, type, operation, value; what follows is not judged.
  private func consoleEvent(_ unit: [UInt8]) throws(HistoryError) -> HistoryEvent? {
    guard let last = unit.lastIndex(where: { $0 > 32 }) else { return nil }
    // What is missing is missing in this line.
    let unit = Array(unit[...last])
    var scanner = EDNScanner(unit, from: Self.start(ofConsole: unit), at: place)
    let place = scanner.place
    let process = try scanner.value()
    let kind = try scanner.value()
    let function = try scanner.value()
    let value = scanner.isAtEnd() ? HistoryValue.null : try scanner.value()
    return try event(
      of: .fields([
        .init(name: "process", value: process),
        .init(name: "type", value: kind),
        .init(name: "f", value: function),
        .init(name: "value", value: value),
      ]),
      at: place
    )
  }

  /// Behind the logger's name, which ends in a dash between spaces.
  private static func start(ofConsole unit: [UInt8]) -> Int {
    guard unit.count >= 3 else { return 0 }
    for place in 0..<unit.count - 2
    where unit[place] == 32 && unit[place + 1] == UInt8(ascii: "-") && unit[place + 2] == 32 {
      return place + 3
    }
    return 0
  }

  private func event(
    of fields: HistoryValue,
    at place: HistoryPlace
  ) throws(HistoryError) -> HistoryEvent {
    guard let process = fields.field("process") else {
      throw HistoryError(at: place, "the field \"process\" is missing")
    }
    guard case .text(let function)? = fields.field("f") else {
      throw HistoryError(at: place, "the field \"f\" is missing, or is not text")
    }
    guard case .text(let type)? = fields.field("type"), let kind = Self.kind(type) else {
      throw HistoryError(
        at: place,
        "the field \"type\" must be \"invoke\", \"ok\", \"fail\" or \"info\""
      )
    }
    let key = fields.field("key")
    return HistoryEvent(
      process: process,
      kind: kind,
      function: function,
      key: key == .null ? nil : key,
      value: fields.field("value") ?? .null,
      place: place
    )
  }

  private static func kind(_ name: [UInt8]) -> HistoryEvent.Kind? {
    switch String(decoding: name, as: UTF8.self) {
    case "invoke": .invoke
    case "ok": .ok
    case "fail": .fail
    case "info": .info
    default: nil
    }
  }
}
