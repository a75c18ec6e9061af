extension DocumentCall {
  /// Reads what is asked; the argument is the key and the event's value.
  ///
  /// Throws what was expected.
  init(_ function: HistoryFunction, _ argument: HistoryValue) throws(Expectation) {
    guard case .list(let parts) = argument, parts.count == 2 else { throw .key }
    let value = parts[1]
    switch function {
    case .scan:
      key = []
      action = .scan(try KeySpan(value), try ScanOrder(value))
      return
    case .count:
      key = []
      action = .count(try KeySpan(value))
      return
    default: break
    }
    guard case .text(let key) = parts[0] else { throw .key }
    self.key = key
    switch function {
    case .put: action = .put(try value.needed("value"))
    case .insert: action = .insert(try value.needed("value"))
    case .replace:
      let condition = try value.revision("ifRevision")
      action = .replace(try value.needed("value"), ifRevision: condition)
    case .delete: action = .delete(ifRevision: try value.revision("ifRevision"))
    case .increment:
      guard case .integer(let step)? = value.field("by") else { throw .init("{\"by\": n}") }
      action = .increment(by: step)
    default: action = .get
    }
  }

  /// What was expected of a value, as written.
  struct Expectation: Error {
    static let key = Expectation("a key that is text")

    let what: String

    init(_ what: String) { self.what = what }
  }

  /// Reads what is answered.
  static func answer(
    to function: HistoryFunction,
    _ value: HistoryValue
  ) throws(Expectation) -> Answer {
    switch function {
    case .get:
      guard value != .null else { return .absent }
      return .found(try value.needed("value"), revision: try value.neededRevision())
    case .scan: return .items(try entries(in: value), asOf: try value.revision("revision"))
    case .count:
      guard case .integer(let number)? = value.field("count") else { throw .init("{\"count\": n}") }
      return .number(Int(number), asOf: try value.revision("revision"))
    case .increment where value.field("conflict") == nil:
      guard case .integer(let sum)? = value.field("value") else {
        throw .init("{\"revision\": r, \"value\": sum}")
      }
      return .counted(sum, revision: try value.neededRevision())
    default:
      if value.field("conflict") != nil { return .conflict(try value.revision("conflict")) }
      var existed: Bool?
      if case .boolean(let told)? = value.field("existed") { existed = told }
      return .changed(revision: try value.neededRevision(), existed: existed)
    }
  }

  private static func entries(in value: HistoryValue) throws(Expectation) -> [Entry] {
    guard case .list(let items)? = value.field("items") else { throw .init("{\"items\": […]}") }
    var entries: [Entry] = []
    for item in items {
      guard case .list(let parts) = item, parts.count == 3, case .text(let key) = parts[0],
        case .integer(let revision) = parts[2], revision > 0
      else { throw .init("items that are [key, value, revision]") }
      entries.append(Entry(key: key, value: parts[1], revision: UInt64(revision)))
    }
    return entries
  }
}

extension DocumentCall.KeySpan {
  fileprivate init(_ value: HistoryValue) throws(DocumentCall.Expectation) {
    from = try value.key("from")
    to = try value.key("to")
  }
}

extension DocumentCall.ScanOrder {
  fileprivate init(_ value: HistoryValue) throws(DocumentCall.Expectation) {
    isReversed = value.field("reversed") == .boolean(true)
    switch value.field("limit") {
    case nil, .null?: break
    case .integer(let number)? where number > 0: limit = Int(number)
    default: throw .init("a \"limit\" above 0")
    }
  }
}

extension HistoryValue {
  fileprivate func needed(
    _ name: String
  ) throws(DocumentCall.Expectation) -> HistoryValue {
    guard let value = field(name) else { throw .init("the field \"\(name)\"") }
    return value
  }

  /// A revision; nil if the field is absent or null.
  fileprivate func revision(
    _ name: String
  ) throws(DocumentCall.Expectation) -> UInt64? {
    switch field(name) {
    case nil, .null?: return nil
    case .integer(let number)? where number >= 0: return UInt64(number)
    default: throw .init("a revision as \"\(name)\"")
    }
  }

  fileprivate func neededRevision() throws(DocumentCall.Expectation) -> UInt64 {
    guard let revision = try revision("revision"), revision > 0 else {
      throw .init("a \"revision\" above 0")
    }
    return revision
  }

  fileprivate func key(_ name: String) throws(DocumentCall.Expectation) -> [UInt8]? {
    switch field(name) {
    case nil, .null?: return nil
    case .text(let bytes)?: return bytes
    default: throw .init("a key as \"\(name)\"")
    }
  }
}
