import ClientProtocol
import Wire

// Questions and answers as people read them in a trace.
extension QueryReply {
  /// The answer in one line.
  var text: String {
    switch self {
    case .item(let item?): item.text
    case .item(nil): "absent"
    case .page(let page):
      "page at \(page.atRevision)"
        + page.entries.map { " \(readable($0.key))=\($0.item.text)" }.joined()
    case .count(let count, let revision): "\(count) at \(revision)"
    case .names, .closed: "\(self)"
    case .piece(let piece): "\(piece.bytes.count) bytes of everything at \(piece.atRevision)"
    case .failed(let failure): failure.code.rawValue
    }
  }
}

extension QueryReply.Item {
  /// The value and its revision.
  var text: String { "\(readable(bytes.array))@\(revision)" }
}

extension ClientOperation.Question {
  /// The question in one line.
  var text: String {
    switch self {
    case .command(let command): command.operation.text
    case .nextPage(let first, _): "the page after operation \(first)"
    case .query(let query, let isLinearizable): query.text + (isLinearizable ? "" : " (stale)")
    }
  }
}

extension Query.Question {
  fileprivate var text: String {
    switch self {
    case .get(let place, let key), .kvGet(let place, let key):
      "get \(place.name) \(readable(key))"
    case .scan(let place, let range, _), .kvRange(let place, let range, _):
      "scan \(place.name) \(range)"
    case .count(let place, let range): "count \(place.name) \(range)"
    case .next, .closeCursor, .listCollections, .listDatabases, .image: "\(self)"
    }
  }
}

extension Command.Operation {
  /// The operation in one line.
  var text: String {
    let key = readable(key ?? [])
    return switch self {
    case .createCollection, .dropCollection: "\(self)"
    case .insert(_, let value): "insert \(key) \(readable(value))"
    case .put(_, let value), .kvPut(_, let value): "put \(key) \(readable(value))"
    case .replace(_, let value, let revision), .kvPutIf(_, let value, let revision):
      "replace \(key) \(readable(value)) if \(revision)"
    case .delete(_, let revision), .kvDelete(_, let revision): "delete \(key) if \(revision)"
    case .kvIncrement(_, let amount): "increment \(key) by \(amount)"
    }
  }
}

extension Place {
  /// The collection's name, behind that of a database that is not the usual one.
  var name: String {
    database == defaultDatabase ? collection : "\(database)/\(collection)"
  }
}

/// The printable characters among bytes: enough to tell the simulator's own keys and values.
private func readable(_ bytes: [UInt8]) -> String {
  let printable = bytes.filter { $0 > 0x20 && $0 < 0x7F }
  return String(decoding: printable, as: UTF8.self)
}
