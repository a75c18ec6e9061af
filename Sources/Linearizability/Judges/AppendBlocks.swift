/// The history of one text to which unique pieces are appended, as blocks.
///
/// Each begins with a `put` (or with the empty text) and goes on through what was appended, in the
/// order in which the texts found show it. O(all text found).
///
/// Why that is exact: pieces are unique, so a text names all that wrote it, in their order, and
/// whoever found it stands behind its last piece and before the next. Within a block that order is
/// forced; blocks are kept apart by puts, after which nothing of the text before is seen, so they
/// move as wholes: the clusters of Gibbons and Korach ("Testing Shared Memories", 1997, §4.2). An
/// append that was acknowledged and that nobody found cannot stand within the found part of a
/// block, where its piece would have been found: it comes behind that, before the next put. It is
/// a block of its own, as it may stand behind any. One that nobody knows of and nobody found is
/// left out: it can be put off for ever, and nothing that is known asks for it; a put of that kind
/// likewise.
struct AppendBlocks {
  /// A text as far as it is known: that of the longest answer.
  private struct Text {
    var bytes: [UInt8] = []
    /// Where each piece ends; the first is the put's, or 0.
    var ends: [Int] = [0]
    /// Who wrote each piece; the first is nil for the empty text.
    var authors: [Int?] = [nil]
    /// By piece: who found the text up to it.
    var readers: [[Int]] = [[]]
  }

  private(set) var blocks: [[BlockOrder.Member]] = []

  private let operations: [HistoryOperation]
  private let nullReads: HistoryOptions.NullReads
  private var appenders: [[UInt8]: Int] = [:]
  private var putters: [[UInt8]: Int] = [:]
  private var appendSizes: [Int] = []
  private var putSizes: [Int] = []
  private var texts = [Text()]
  private var textOfPutter: [Int: Int] = [:]
  private var isSeen: [Bool]

  /// Nil where pieces repeat or are empty, so that texts do not name who wrote them.
  init?(_ operations: [HistoryOperation], nullReads: HistoryOptions.NullReads) {
    self.operations = operations
    self.nullReads = nullReads
    isSeen = [Bool](repeating: false, count: operations.count)
    for (place, operation) in operations.enumerated() where operation.ending != .fail {
      guard case .text(let bytes) = operation.argument else {
        guard operation.function == .put else { continue }
        return nil
      }
      switch operation.function {
      case .append:
        guard !bytes.isEmpty, appenders.updateValue(place, forKey: bytes) == nil else { return nil }
        if !appendSizes.contains(bytes.count) { appendSizes.append(bytes.count) }
      case .put:
        guard !bytes.isEmpty, putters.updateValue(place, forKey: bytes) == nil else { return nil }
        if !putSizes.contains(bytes.count) { putSizes.append(bytes.count) }
      case .read, .write, .cas, .get, .del, .add, .txn, .transfer: continue
      case .insert, .replace, .delete, .increment, .scan, .count: continue
      }
    }
  }

  /// How putting the texts together ended.
  enum Outcome {
    /// The blocks are whole.
    case assembled
    /// What was found contradicts itself whatever the times.
    case impossible(HistoryFinding)
    /// A text can be read in more than one way.
    case ambiguous
  }

  /// Puts the blocks together.
  mutating func assemble() -> Outcome {
    for (place, operation) in operations.enumerated() {
      guard operation.function == .get, operation.isOK,
        nullReads == .absent || operation.result != .null
      else { continue }
      var found: [UInt8] = []
      if case .text(let bytes) = operation.result { found = bytes }
      switch add(found, of: place) {
      case .assembled: continue
      case .impossible(let finding): return .impossible(finding)
      case .ambiguous: return .ambiguous
      }
    }
    for text in texts { blocks.append(members(of: text)) }
    for (place, operation) in operations.enumerated()
    where operation.isOK && operation.function != .get && !isSeen[place] {
      // Whoever wrote what nobody found wrote it between blocks, or behind all of them.
      blocks.append([BlockOrder.Member(operation: place, level: 0)])
    }
    return .assembled
  }

  private func members(of text: Text) -> [BlockOrder.Member] {
    var members: [BlockOrder.Member] = []
    for (piece, writer) in text.authors.enumerated() {
      if let writer { members.append(BlockOrder.Member(operation: writer, level: 2 * piece)) }
      for reader in text.readers[piece] {
        members.append(BlockOrder.Member(operation: reader, level: 2 * piece + 1))
      }
    }
    return members
  }

  private mutating func add(_ found: [UInt8], of reader: Int) -> Outcome {
    guard let number = text(of: found, reader) else { return .ambiguous }
    guard number >= 0 else { return .impossible(nobodyWrote(reader)) }
    let common = min(found.count, texts[number].bytes.count)
    guard found[..<common] == texts[number].bytes[..<common] else {
      return .impossible(diverges(reader, from: texts[number]))
    }
    if found.count > common {
      switch extend(number, by: found, reader) {
      case .assembled: break
      case .impossible(let finding): return .impossible(finding)
      case .ambiguous: return .ambiguous
      }
    }
    guard let piece = texts[number].ends.firstPlace(of: found.count) else {
      return .impossible(nobodyWrote(reader))
    }
    texts[number].readers[piece].append(reader)
    return .assembled
  }

  /// The text that an answer belongs to; -1 if it begins with nothing that was written, nil if
  /// more than one would fit.
  private mutating func text(of found: [UInt8], _ reader: Int) -> Int? {
    let putter = Self.match(found, at: 0, putters, putSizes)
    let appender = Self.match(found, at: 0, appenders, appendSizes)
    guard !putter.isAmbiguous, !appender.isAmbiguous else { return nil }
    guard let putter = putter.writer else {
      return found.isEmpty || appender.writer != nil ? 0 : -1
    }
    guard appender.writer == nil else { return nil }
    if let number = textOfPutter[putter] { return number }
    textOfPutter[putter] = texts.count
    isSeen[putter] = true
    guard case .text(let bytes) = operations[putter].argument else { return -1 }
    texts.append(Text(bytes: bytes, ends: [bytes.count], authors: [putter], readers: [[]]))
    return texts.count - 1
  }

  private mutating func extend(_ number: Int, by found: [UInt8], _ reader: Int) -> Outcome {
    var end = texts[number].bytes.count
    while end < found.count {
      let match = Self.match(found, at: end, appenders, appendSizes)
      guard !match.isAmbiguous else { return .ambiguous }
      guard let writer = match.writer else { return .impossible(nobodyWrote(reader)) }
      guard !isSeen[writer] else { return .impossible(seenTwice(writer, reader)) }
      isSeen[writer] = true
      guard case .text(let bytes) = operations[writer].argument else { return .ambiguous }
      end += bytes.count
      texts[number].bytes += bytes
      texts[number].ends.append(end)
      texts[number].authors.append(writer)
      texts[number].readers.append([])
    }
    return .assembled
  }

  /// Who wrote the piece at a place in a text.
  private static func match(
    _ text: [UInt8],
    at start: Int,
    _ writers: [[UInt8]: Int],
    _ sizes: [Int]
  ) -> (writer: Int?, isAmbiguous: Bool) {
    var found: Int?
    for size in sizes where start + size <= text.count {
      guard let writer = writers[Array(text[start..<start + size])] else { continue }
      guard found == nil else { return (nil, true) }
      found = writer
    }
    return (found, false)
  }

  private func nobodyWrote(_ reader: Int) -> HistoryFinding {
    HistoryFinding(
      "no writes add up to what \(operations[reader].summary) found",
      operations: [reader]
    )
  }

  private func seenTwice(_ writer: Int, _ reader: Int) -> HistoryFinding {
    HistoryFinding(
      "\(operations[writer].summary) happened once, but \(operations[reader].summary) shows it in "
        + "a second place",
      operations: [writer, reader]
    )
  }

  private func diverges(_ reader: Int, from text: Text) -> HistoryFinding {
    let other = text.readers.last { !$0.isEmpty }?.first ?? reader
    return HistoryFinding(
      "\(operations[reader].summary) and \(operations[other].summary) begin alike and go on "
        + "differently: neither can have become the other",
      operations: [other, reader]
    )
  }
}

extension [Int] {
  /// The place of a number in ascending numbers.
  fileprivate func firstPlace(of number: Int) -> Int? {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < number { low = middle + 1 } else { high = middle }
    }
    return low < count && self[low] == number ? low : nil
  }
}
