import ClientProtocol
import Consensus
import Wire

/// Replays a whole history in the order of the log on a plain store and compares every answer
/// (R1 across keys, R2, R3).
struct HistoryReplay {
  private let history: OperationHistory
  private let applied: AppliedLedger
  private var store = ReferenceStore()
  /// What is left of scans whose first page was answered, by their operation; looked up only.
  private var openScans: [Int: OpenScan] = [:]

  private struct OpenScan {
    var rest: QueryReply.Page
    /// The most items that a page may hold.
    let pageItems: Int
  }

  init(_ history: OperationHistory, _ applied: AppliedLedger) {
    self.history = history
    self.applied = applied
  }

  /// Checks everything.
  mutating func check() throws(Violation) {
    try checkEndings()
    try checkRealTime()
    try replay()
  }

  // MARK: What clients were told of their writes

  private func checkEndings() throws(Violation) {
    for (number, operation) in history.operations.enumerated() {
      switch operation.ending {
      case .applied(let index, let reply):
        guard let effect = applied.effect(at: index), effect.request.key == operation.key else {
          throw lie("R4", number, "is said to be applied at \(index) and is not")
        }
        guard effect.reply == reply.encoded() else {
          throw lie("R3", number, "got another reply than its effect at \(index)")
        }
      case .failed:
        if let key = operation.key, let index = applied.index(of: key) {
          throw lie("R3", number, "was refused for good and applied at \(index)")
        }
      case .open, .answered, .unknown: break
      }
    }
  }

  private func lie(_ promise: String, _ number: Int, _ what: String) -> Violation {
    let operation = history.operations[number]
    return .safety(
      promise,
      "operation \(number) of client \(operation.client), \(operation.question.text), \(what)",
      operation: number
    )
  }

  // MARK: Real time

  /// Who ended before another began stands before it in the log's order.
  private func checkRealTime() throws(Violation) {
    let judged = history.operations.indices.filter { position(of: $0) != nil }
    let begun = judged.sorted {
      history.operations[$0].invoked < history.operations[$1].invoked
    }
    let ended = judged.sorted { returned($0) < returned($1) }
    var next = 0
    var newest: (index: LogIndex, number: Int)?
    for number in begun {
      while next < ended.count, returned(ended[next]) < history.operations[number].invoked {
        if let position = position(of: ended[next]), position > newest?.index ?? .zero {
          newest = (position, ended[next])
        }
        next += 1
      }
      guard let newest, let own = position(of: number) else { continue }
      let isInOrder = isWrite(number) ? own > newest.index : own >= newest.index
      guard isInOrder else {
        throw lie(
          "R1",
          number,
          "stands at \(own) and began after operation \(newest.number) at \(newest.index) ended"
        )
      }
    }
  }

  /// The place in the log's order; nil for what promises none.
  private func position(of number: Int) -> LogIndex? {
    let operation = history.operations[number]
    switch (operation.ending, operation.question) {
    case (.applied(let index, _), _): return index
    case (.answered(let index, _), .query(_, isLinearizable: true)): return index
    default: return nil
    }
  }

  private func returned(_ number: Int) -> UInt64 {
    history.operations[number].returned ?? .max
  }

  private func isWrite(_ number: Int) -> Bool {
    history.operations[number].key != nil
  }

  // MARK: Replay

  private mutating func replay() throws(Violation) {
    let reads = answeredReads()
    var next = 0
    for effect in applied.effects {
      while next < reads.count, reads[next].index < effect.index {
        try checkRead(reads[next].number, reads[next].answer)
        next += 1
      }
      try checkWrite(effect)
    }
    for read in reads[next...] { try checkRead(read.number, read.answer) }
  }

  /// All answered reads in the order of their indexes, pages of one scan in theirs.
  private func answeredReads() -> [(index: LogIndex, number: Int, answer: QueryReply)] {
    let reads = history.operations.enumerated().compactMap { number, operation in
      if case .answered(let index, let answer) = operation.ending {
        (index: index, number: number, answer: answer)
      } else {
        nil
      }
    }
    return reads.sorted { ($0.index, $0.number) < ($1.index, $1.number) }
  }

  private mutating func checkWrite(_ effect: AppliedLedger.Effect) throws(Violation) {
    let found: CommandReply
    let command: Command
    do {
      command = try Command(decoding: effect.request.command.array)
      found = try CommandReply(decoding: effect.reply)
    } catch {
      throw .safety("R3", "the effect at \(effect.index) cannot be read: \(error)")
    }
    let expected = store.apply(command, at: effect.place)
    guard Self.isEqual(found, expected) else {
      throw .safety(
        "R1",
        "\(command.operation.text) at \(effect.index) gave \(found) instead of \(expected)"
      )
    }
  }

  private mutating func checkRead(_ number: Int, _ answer: QueryReply) throws(Violation) {
    let expected: QueryReply
    var pageItems = Limits.pageItemsDefault
    switch history.operations[number].question {
    case .command: throw lie("R3", number, "wrote and got an answer to a read")
    case .query(let question, _):
      expected = store.answer(question)
      pageItems = Self.pageItems(of: question)
    case .nextPage(let first, _):
      if case .failed(let failure) = answer, failure.code == .cursorExpired { return }
      guard let scan = openScans[first] else {
        throw lie("R1", number, "got a page of a scan that was complete")
      }
      expected = .page(scan.rest)
      pageItems = scan.pageItems
    }
    if case .page(let page) = answer {
      let isEmpty = page.cursor != 0 && page.entries.isEmpty
      guard page.entries.count <= pageItems, !isEmpty else {
        throw lie("R3", number, "got \(page.entries.count) items where \(pageItems) fit a page")
      }
    }
    guard keepsPromise(answer, expected, pageItems, of: number) else {
      throw lie("R1", number, "was answered \(answer.text) instead of \(expected.text)")
    }
  }

  /// Compares answers; a page is a beginning of what is expected, and its end is kept.
  private mutating func keepsPromise(
    _ answer: QueryReply,
    _ expected: QueryReply,
    _ pageItems: Int,
    of number: Int
  ) -> Bool {
    switch (answer, expected) {
    case (.page(let page), .page(var rest)):
      let count = page.entries.count
      guard page.atRevision == rest.atRevision, Array(rest.entries.prefix(count)) == page.entries
      else { return false }
      rest.entries.removeFirst(count)
      guard page.cursor != 0 else { return rest.entries.isEmpty }
      openScans[number] = OpenScan(rest: rest, pageItems: pageItems)
      return true
    case (.failed(let failure), .failed(let other)): return failure.code == other.code
    default: return answer == expected
    }
  }

  private static func pageItems(of question: Query.Question) -> Int {
    switch question {
    case .scan(_, _, let window), .kvRange(_, _, let window):
      window.pageItems == 0 ? Limits.pageItemsDefault : Int(window.pageItems)
    default: Limits.pageItemsDefault
    }
  }

  private static func isEqual(_ found: CommandReply, _ expected: CommandReply) -> Bool {
    guard case .failed(let failure) = found, case .failed(let other) = expected else {
      return found == expected
    }
    return failure.code == other.code && failure.currentRevision == other.currentRevision
  }
}
