extension DocumentJudge {
  /// Why nothing follows from any of the states.
  func finding(_ number: Int, _ before: [DocumentState]) -> HistoryFinding {
    let step = history.steps[number]
    let summary = history.operations[step.operation].summary
    if let revision = step.revision {
      return blocked(before, by: summary, revision, step.operation)
    }
    let states: String
    switch step.call.action {
    case .scan, .count: states = "no state in between had just these items"
    case .get, .put, .insert, .replace, .delete, .increment:
      let possible = before.flatMap { items(step.key, upFrom: $0) }
      var seen: Set<String> = []
      let words = possible.map { Self.words($0) }.filter { seen.insert($0).inserted }
      // What nobody saw has no revision to be listed by.
      let unseen = history.steps.indices.contains {
        hasBegun[$0] && history.steps[$0].isHidden && history.steps[$0].key == step.key
      }
      let others = unseen ? " or what a change of unknown outcome makes of it" : ""
      let known = words.prefix(6).joined(separator: " or ")
      states = "\(name(of: step.key)) could only be \(known)\(others)"
    }
    return HistoryFinding(
      "\(summary) fits no order: when it ended, \(states)",
      operations: [step.operation]
    )
  }

  /// What may be under a key in a state and those that can follow without new operations.
  private func items(_ key: Int, upFrom state: DocumentState) -> [DocumentItem?] {
    var items = [item(key, in: state)]
    for entry in timeline.entries[state.position...] where !entry.isStamp {
      guard let writer = entry.writer, hasBegun[writer] else { break }
      guard entry.key == key else { continue }
      items.append(entry.value.map { DocumentItem(value: $0, revision: entry.revision) })
    }
    return items
  }

  private func blocked(
    _ before: [DocumentState],
    by summary: String,
    _ revision: UInt64,
    _ operation: Int
  ) -> HistoryFinding {
    // The state that came furthest shows best what was in the way.
    var state = before.max { $0.position < $1.position } ?? DocumentState()
    while let next = ways(beyond: state.position, from: state).first { state = next }
    let entry = timeline.entries[min(state.position, timeline.entries.count - 1)]
    let other = history.steps[entry.writer ?? entry.witness]
    let told = history.operations[other.operation].summary
    let sentence: String
    if let writer = entry.writer, !hasBegun[writer] {
      sentence =
        "\(summary) had ended before \(told) began, and yet has the later revision, "
        + "\(revision) behind \(entry.revision)"
    } else if entry.writer == nil {
      sentence =
        "\(told) saw revision \(entry.revision) of \(name(of: entry.key)), but when \(summary), "
        + "which has a later one, ended, nobody can have made it"
    } else {
      sentence =
        "\(told) fits no order: by the revisions \(name(of: entry.key)) was then "
        + Self.words(item(entry.key, in: state))
    }
    return HistoryFinding(sentence, operations: [other.operation, operation])
  }

  private func name(of key: Int) -> String { HistoryValue.text(history.keys[key]).description }

  private static func words(_ item: DocumentItem?) -> String {
    guard let item else { return "absent" }
    return "\(item.value)" + (item.revision.map { " at \($0)" } ?? " at a revision nobody saw")
  }
}
