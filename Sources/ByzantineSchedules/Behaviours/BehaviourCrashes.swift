/// A behaviour with the power of an honest replica failing instead of each of its records in turn.
package struct BehaviourCrashes: Sendable {
  private let behaviour: Behaviour
  private let replicas: Int
  private let seed: UInt64

  /// The cases of a behaviour in a cluster of so many replicas.
  package init(_ behaviour: Behaviour, replicas: Int, seed: UInt64 = 1) {
    self.behaviour = behaviour
    self.replicas = replicas
    self.seed = seed
  }

  /// Runs a case for every `stride`-th record of every honest replica, but not more than a few
  /// hundred of each: how many there were, and what the first that failed broke.
  package func run(stride: UInt64 = 1) -> (cases: Int, problem: String?) {
    var quiet = BehaviourStage(behaviour, replicas: replicas, seed: seed)
    quiet.run()
    if let problem = quiet.judge.problem { return (1, problem) }
    var cases = 0
    for place in 0..<replicas where quiet.replicas[place].isHonest {
      var record: UInt64 = 1
      while record <= quiet.replicas[place].lastPosition {
        var stage = BehaviourStage(behaviour, replicas: replicas, seed: seed)
        stage.fail(place, atRecord: record)
        stage.run()
        cases += 1
        if let problem = stage.judge.problem {
          return (cases, "power of \(place) failing at record \(record): \(problem)")
        }
        record += max(stride, quiet.replicas[place].lastPosition / 200)
      }
    }
    return (cases, nil)
  }
}
