package import Linearizability

/// A number that one client counts up by pairs of writes, of which either may come first.
///
/// The state is every sum that is possible: a write without an answer may have been applied, or
/// not. What is read at the end must be read once, as it may also be applied later.
package struct SessionMachine: Model {
  /// Nothing has been added.
  package var initial: Set<Int64> { [0] }

  /// The sums that are possible after an operation; nil if there is none.
  package func step(_ sums: Set<Int64>, _ call: ModelCall) -> Set<Int64>? {
    guard call.function == "pair" else { return read(sums, call.result) }
    guard case .list(let parts) = call.argument, parts.count == 2,
      case .integer(let first) = parts[0], case .integer(let second) = parts[1]
    else { return nil }
    let after = Set(
      sums.flatMap { sum in
        Self.ways(from: sum, first, second).filter { call.result.fits($0) }
          .map { $0.compactMap(\.self).max() ?? sum }
      }
    )
    return after.isEmpty ? nil : after
  }

  /// The sums that both writes make, in each way in which they can be applied; nil for one that
  /// is not.
  private static func ways(from sum: Int64, _ first: Int64, _ second: Int64) -> [[Int64?]] {
    let both = sum + first + second
    return [
      [sum + first, both], [both, sum + second], [sum + first, nil], [nil, sum + second],
      [nil, nil],
    ]
  }

  private func read(_ sums: Set<Int64>, _ result: HistoryValue?) -> Set<Int64>? {
    guard let result else { return sums }
    switch result {
    case .integer(let found): return sums.contains(found) ? [found] : nil
    case .null: return sums.contains(0) ? [0] : nil
    default: return nil
    }
  }
}

extension HistoryValue? {
  /// Whether every answer to a write, however often it was given, is the sum that it made.
  fileprivate func fits(_ sums: [Int64?]) -> Bool {
    guard let self else { return true }
    guard case .list(let answers) = self, answers.count == sums.count else { return false }
    return zip(answers, sums).allSatisfy { answer, sum in
      guard case .list(let given) = answer else { return false }
      return given.allSatisfy { given in sum.map { given == .integer($0) } ?? false }
    }
  }
}
