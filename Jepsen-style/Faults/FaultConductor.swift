/// Carries out the orders of a plan at their times.
@MainActor
package final class FaultConductor {
  /// An order that begins or ends.
  private struct Moment {
    let at: Int
    let isBegin: Bool
    let order: FaultOrder
  }

  /// Hears of each fault when it has begun, and when it has ended.
  package var tell: @MainActor (FaultEffect) -> Void = { _ in }

  private let nemesis: Nemesis
  private let moments: [Moment]

  /// A conductor of a plan that has not begun.
  package init(_ plan: FaultPlan, _ nemesis: Nemesis) {
    self.nemesis = nemesis
    let all = plan.orders.flatMap { order in
      [
        Moment(at: order.at, isBegin: true, order: order),
        Moment(at: order.ends, isBegin: false, order: order),
      ]
    }
    // Stable: of what is due at once the plan's order decides.
    moments = all.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
      .map(\.element)
  }

  /// Goes through the plan; whoever cancels the task heals what lasts then.
  ///
  /// - Throws: What kept a fault from beginning or ending.
  package func run() async throws(HarnessError) {
    let began = ContinuousClock.now
    for moment in moments {
      let due = began + .milliseconds(moment.at)
      // Only a cancelled task wakes early.
      try? await Task.sleep(until: due, clock: .continuous)
      guard !Task.isCancelled else { return }
      if moment.isBegin {
        tell(try await nemesis.begin(moment.order))
      } else if let effect = try await nemesis.end(moment.order) {
        tell(effect)
      }
    }
  }
}
