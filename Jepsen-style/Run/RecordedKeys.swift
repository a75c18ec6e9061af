import Linearizability

/// A history file for a machine, taken apart by its keys, which are judged one by one.
struct RecordedKeys {
  /// A history of each key, in the order in which they are first named.
  private(set) var parts: [RecordedHistory] = []

  private var places: [HistoryValue?: Int] = [:]
  private let path: String

  init(_ path: String) throws(HarnessError) {
    self.path = path
    var file = try FilePieces(path)
    var rest: [UInt8] = []
    while let piece = try file.next() {
      rest += piece
      guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { continue }
      for line in rest[..<end].split(separator: UInt8(ascii: "\n")) { try take(Array(line)) }
      rest = Array(rest[(end + 1)...])
    }
    if !rest.isEmpty { try take(rest) }
    for place in parts.indices {
      try wrapped { history throws(HistoryError) in try history.parts[place].finish() }
    }
  }

  private mutating func take(_ line: [UInt8]) throws(HarnessError) {
    try wrapped { history throws(HistoryError) in
      var reader = HistoryReader()
      let events = try reader.read(line) + reader.finish()
      guard let event = events.first, !event.isFault else { return }
      let place = history.places[event.key] ?? history.parts.count
      if place == history.parts.count { history.parts.append(RecordedHistory()) }
      history.places[event.key] = place
      try history.parts[place].read(line + [UInt8(ascii: "\n")])
    }
  }

  private mutating func wrapped(
    _ work: (inout Self) throws(HistoryError) -> Void
  ) throws(HarnessError) {
    do throws(HistoryError) {
      try work(&self)
    } catch {
      throw .file(path: path, reason: error.description)
    }
  }
}
