package import Linearizability

/// A number that one client counts up by pairs of writes, of which either may come first.
///
/// The state is every sum that is possible: of a pair without an answer both writes may have been
/// applied, or one, or none.
package struct SessionMachine: Model {
  /// Nothing has been added.
  package var initial: Set<Int64> { [0] }

  /// The sums that are possible after an operation; nil if there is none.
  package func step(_ sums: Set<Int64>, _ call: ModelCall) -> Set<Int64>? {
    guard call.function == "pair" else { return read(sums, call.result) }
    guard case .list(let parts) = call.argument, parts.count == 2,
      case .integer(let first) = parts[0], case .integer(let second) = parts[1]
    else { return nil }
    guard let result = call.result else {
      return Set(sums.flatMap { [$0, $0 + first, $0 + second, $0 + first + second] })
    }
    let after = sums.filter { sum in
      let inOrder = [sum + first, sum + first + second]
      let swapped = [sum + first + second, sum + second]
      return fits(result, inOrder) || fits(result, swapped)
    }
    return after.isEmpty ? nil : Set(after.map { $0 + first + second })
  }

  private func read(_ sums: Set<Int64>, _ result: HistoryValue?) -> Set<Int64>? {
    guard let result else { return sums }
    let found: Int64 = if case .integer(let number) = result { number } else { 0 }
    return sums.contains(found) ? [found] : nil
  }

  /// Whether every answer to a write, however often it was given, is the sum that it made.
  private func fits(_ result: HistoryValue, _ sums: [Int64]) -> Bool {
    guard case .list(let answers) = result, answers.count == sums.count else { return false }
    return zip(answers, sums).allSatisfy { answer, sum in
      guard case .list(let given) = answer else { return false }
      return given.allSatisfy { $0 == .integer(sum) }
    }
  }
}
