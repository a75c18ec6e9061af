import ClientProtocol
import Consensus
import Linearizability
import Wire

/// A history cut into one history for each key and document, each judged by search (R1).
struct KeyHistories {
  typealias Register = RevisionedRegister
  typealias KeyOperation = RecordedOperation<Register.Input, Register.Output>

  /// What happened to one key or document.
  struct Group {
    let place: Place
    let key: [UInt8]
    /// The numbers of the operations in the whole history.
    var numbers: [Int] = []
    var operations: [KeyOperation] = []

    var name: String { "\(place.name) \(String(decoding: key, as: UTF8.self))" }
  }

  let history: OperationHistory
  let applied: AppliedLedger
  private let stepsMax: Int

  init(_ history: OperationHistory, _ applied: AppliedLedger, stepsMax: Int = 1_000_000) {
    self.history = history
    self.applied = applied
    self.stepsMax = stepsMax
  }

  /// Searches an order for each key, from what clients saw alone where that decides.
  ///
  /// - Returns: How many keys were decided only with the fates of what nobody saw the answer of.
  func check() throws(Violation) -> Int {
    var fatesCount = 0
    for group in grouped() where try !hasOrder(group) {
      fatesCount += 1
      guard try hasOrder(withFates(group), knowing: "what the ledger says") else {
        throw .safety("R1", "no verdict on \(group.name), twice, after \(stepsMax) steps each")
      }
    }
    return fatesCount
  }

  /// Whether an order was found; false where the search gave up.
  private func hasOrder(
    _ group: Group,
    knowing knowledge: String = "what clients saw"
  ) throws(Violation) -> Bool {
    switch LinearizabilitySearch(Register(), stepsMax: stepsMax).judge(group.operations) {
    case .linearizable: return true
    case .unknown: return false
    case .notLinearizable(let contradiction):
      let stuck = group.operations[contradiction.stuck]
      throw .safety(
        "R1",
        "\(group.name) is not linearizable by \(knowledge): \(contradiction.longestOrder.count) of "
          + "\(group.operations.count) operations have an order, then \(stuck.input) -> "
          + "\(stuck.ending) fits nowhere",
        operation: group.numbers[contradiction.stuck]
      )
    }
  }

  private func grouped() -> [Group] {
    var groups: [Group] = []
    for (number, operation) in history.operations.enumerated() {
      guard let (place, key) = operation.question.subject, !ClientWorkload.isShortLived(place),
        !ClientWorkload.hasManyNames(place), let recorded = Self.recorded(operation)
      else { continue }
      let known = groups.firstIndex { $0.place == place && $0.key == key }
      if known == nil { groups.append(Group(place: place, key: key)) }
      let slot = known ?? groups.count - 1
      groups[slot].numbers.append(number)
      groups[slot].operations.append(recorded)
    }
    return groups
  }

  /// An operation in the register's words; nil for reads that promise nothing or got nothing.
  private static func recorded(_ operation: ClientOperation) -> KeyOperation? {
    switch operation.question {
    case .nextPage, .query(_, isLinearizable: false): return nil
    case .query:
      guard case .answered(_, let answer) = operation.ending, let output = answer.registerOutput,
        let returned = operation.returned
      else { return nil }
      return KeyOperation(
        input: .get,
        invoked: operation.invoked,
        ending: .ok(output, at: returned)
      )
    case .command(let command):
      guard let input = command.operation.registerInput else { return nil }
      return KeyOperation(
        input: input,
        invoked: operation.invoked,
        ending: ending(of: operation)
      )
    }
  }

  private static func ending(of operation: ClientOperation) -> KeyOperation.Ending {
    switch operation.ending {
    case .applied(_, let reply):
      guard let returned = operation.returned else { return .info }
      return .ok(reply.registerOutput, at: returned)
    case .failed: return .fail
    case .open, .unknown, .answered: return .info
    }
  }
}
