import Linearizability

/// Tries every order of every choice of unanswered operations; for very small histories only.
struct BruteForceJudge<Model: SequentialModel> {
  typealias ModelOperation = RecordedOperation<Model.Input, Model.Output>

  let model: Model

  func isLinearizable(_ operations: [ModelOperation]) -> Bool {
    let left = operations.filter { !$0.isFailed }
    return canFinish(left, from: model.initial)
  }

  private func canFinish(_ left: [ModelOperation], from state: Model.State) -> Bool {
    if left.allSatisfy({ $0.returned == nil }) { return true }
    for (place, candidate) in left.enumerated() {
      // Whoever returned before the candidate was invoked must come first.
      let isOvertaken = left.contains { ($0.returned ?? .max) < candidate.invoked }
      if isOvertaken { continue }
      guard let next = model.step(state, candidate.input, candidate.output) else { continue }
      var rest = left
      rest.remove(at: place)
      if canFinish(rest, from: next) { return true }
    }
    return false
  }
}
