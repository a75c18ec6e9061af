import Consensus
import Linearizability

/// Values that no other operation of the run writes, and keys that clients meet on.
struct WorkloadValues: Sendable {
  /// Clients count their values in steps that leave room for each other.
  private static let clientsMax: Int64 = 1_000

  private let client: Int
  private var count: Int64 = 0

  init(client: Int) { self.client = client }

  /// A number that nobody else writes.
  ///
  /// What is unique gives the order of a history away, so that its judge needs no search.
  mutating func next() -> Int64 {
    count += 1
    return count * Self.clientsMax + Int64(client)
  }

  /// One of the few keys of a round.
  static func key(in round: Int, of count: Int, _ random: inout RandomSource) -> String {
    key(random.number(below: count), in: round)
  }

  /// A key of a round.
  static func key(_ number: Int, in round: Int) -> String { "k\(round)-\(number)" }

  /// All keys of all rounds.
  static func keys(rounds: Int, each count: Int) -> [String] {
    (0..<rounds).flatMap { round in (0..<count).map { key($0, in: round) } }
  }
}

extension HistoryValue {
  /// The decimal number that a stored value spells; null for none.
  init(stored bytes: [UInt8]?) {
    guard let bytes else {
      self = .null
      return
    }
    self = Int64(String(decoding: bytes, as: UTF8.self)).map { .integer($0) } ?? .text(bytes)
  }

  /// A whole number as the store keeps it.
  var stored: [UInt8] {
    guard case .integer(let number) = self else { return [] }
    return Array(String(number).utf8)
  }
}
