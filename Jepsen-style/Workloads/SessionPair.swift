import ClientProtocol
import Consensus
import Linearizability
import Wire

/// Writes of one session that are sent again and again until each is answered.
struct SessionPair: Sendable {
  private let commands: [[UInt8]]
  private let first: UInt64
  /// Every sum that was answered, write by write.
  private var sums: [[Int64]]
  private var awaited = 0
  /// Why nobody will answer any more.
  private(set) var problem: String?

  init(_ commands: [[UInt8]], from first: UInt64) {
    self.commands = commands
    self.first = first
    sums = commands.map { _ in [] }
  }

  /// Whether each write has an answer.
  var isAnswered: Bool { sums.allSatisfy { !$0.isEmpty } }

  /// How often a write was answered.
  var answersCount: Int { sums.reduce(0) { $0 + $1.count } }

  /// All answers: more than one where several came.
  var result: HistoryValue {
    .list(sums.map { .list($0.map { .integer($0) }) })
  }

  /// How a pair ends that waits no longer: what was answered is known, whatever is open.
  func ending(_ problem: String) -> CallEnding {
    answersCount > 0 ? .ok(result) : .info(problem)
  }

  /// Each write once or twice, in any order.
  mutating func volley(in session: UInt64, _ random: inout RandomSource) -> [WriteRequest] {
    var row = Array(commands.indices) + commands.indices.filter { _ in random.oneIn(2) }
    for last in stride(from: row.count - 1, to: 0, by: -1) {
      row.swapAt(last, random.number(below: last + 1))
    }
    awaited = row.count
    return row.map { place in
      WriteRequest(
        session: session,
        sequence: first + UInt64(place),
        answeredThrough: first - 1,
        command: Bytes(commands[place])
      )
    }
  }

  /// Takes an answer; returns whether all that were sent last are there.
  mutating func take(_ answer: SessionLine.Answer) -> Bool {
    awaited -= 1
    let place = Int(answer.sequence) - Int(first)
    switch answer.reply.body {
    case .result(let bytes):
      if sums.indices.contains(place),
        case .incremented(_, let sum)? = try? CommandReply(decoding: bytes)
      {
        sums[place].append(sum)
      }
    case .error(let refused):
      if [.sessionExpired, .sequencePastWindow].contains(refused.code) {
        problem = refused.code.rawValue
      }
    case .session, .outcome, .status, .done: break
    }
    return awaited <= 0
  }
}
