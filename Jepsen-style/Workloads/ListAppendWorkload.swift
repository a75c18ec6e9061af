import Consensus
import Linearizability
import LockstepClient

/// Transactions of one key: a list is read, or read and appended to in one step.
struct ListAppendWorkload: Workload {
  static let name = "list-append"
  static let summary = "lists under keys: transactions that read, or read and append"
  static let judge = WorkloadJudge.model(.listAppend)
  private static let keysCount = 8

  private var values: WorkloadValues

  init(_ seat: ClientSeat) { values = WorkloadValues(client: seat.number) }

  mutating func next(in round: Int, _ random: inout RandomSource) -> WorkloadCall {
    let key = HistoryValue(WorkloadValues.key(in: round, of: Self.keysCount, &random))
    let read = Self.read(key, .null)
    guard random.chance(percent: 60) else {
      return WorkloadCall(reading: "txn", nil, .list([read]))
    }
    let append = HistoryValue.list([HistoryValue("append"), key, .integer(values.next())])
    return WorkloadCall("txn", nil, .list([read, append]))
  }

  mutating func carryOut(
    _ call: WorkloadCall,
    on store: Client
  ) async throws(LockstepError) -> CallEnding {
    guard case .list(let steps) = call.value, case .list(let read)? = steps.first,
      case .text(let name) = read[1]
    else { return .fail("no-transaction") }
    return try await RevisedPut(Key(name)).carryOut(on: store) { stored in
      let done = [Self.read(read[1], Self.list(stored))] + steps.dropFirst()
      guard case .list(let append)? = steps.dropFirst().first else {
        return RevisedPut.Change(value: nil, result: .list(done))
      }
      let text = stored + append[2].stored + [UInt8(ascii: " ")]
      return RevisedPut.Change(value: text, result: .list(done))
    }
  }

  static func lastCalls(rounds: Int) -> [WorkloadCall] {
    WorkloadValues.keys(rounds: rounds, each: keysCount).map {
      WorkloadCall(reading: "txn", nil, .list([read(HistoryValue($0), .null)]))
    }
  }

  private static func read(_ key: HistoryValue, _ found: HistoryValue) -> HistoryValue {
    .list([HistoryValue("r"), key, found])
  }

  /// A list is stored as numbers with a space behind each.
  private static func list(_ stored: [UInt8]) -> HistoryValue {
    .list(stored.split(separator: UInt8(ascii: " ")).map { HistoryValue(stored: Array($0)) })
  }
}
