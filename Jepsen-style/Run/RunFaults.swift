/// Which faults a run has.
package enum RunFaults: Sendable {
  /// None at all.
  case none
  /// Some kinds, mixed by the dice.
  case kinds([FaultKind])
  /// A combination that found bugs elsewhere.
  case recipe(FaultRecipe)

  /// The kinds of fault.
  package var kinds: [FaultKind] {
    switch self {
    case .none: []
    case .kinds(let kinds): kinds
    case .recipe(let recipe): recipe.kinds
    }
  }

  /// How much the log is to grow between two snapshots; nil: as it ships.
  var snapshotAfter: String? {
    if case .recipe(let recipe) = self { recipe.snapshotAfter } else { nil }
  }

  /// What has to happen for the run to count.
  var goals: [FaultGoal] {
    if case .recipe(let recipe) = self { recipe.goals } else { [] }
  }

  /// Calls that each client begins in a second; nil: as many as in any run.
  var rate: Int? {
    if case .recipe(let recipe) = self { recipe.rate } else { nil }
  }

  /// The name for reports.
  package var name: String {
    switch self {
    case .none: "none"
    case .kinds(let kinds): kinds.map(\.rawValue).joined(separator: ",")
    case .recipe(let recipe): recipe.name
    }
  }

  /// The schedule; nil without faults.
  func plan(seed: UInt64, nodes: Int, seconds: Int) -> FaultPlan? {
    switch self {
    case .none: nil
    case .kinds(let kinds): FaultPlan(seed: seed, kinds: kinds, nodes: nodes, seconds: seconds)
    case .recipe(let recipe):
      FaultPlan(seed: seed, recipe: recipe, nodes: nodes, seconds: seconds)
    }
  }
}
