import Crypto

/// `lockstep bench`.
enum BenchCommand {
  @MainActor
  static func put(_ invocation: Invocation) async throws(CommandFailure) {
    try measure(invocation, .put)
  }

  @MainActor
  static func get(_ invocation: Invocation) async throws(CommandFailure) {
    try measure(invocation, .get)
  }

  @MainActor
  static func mixed(_ invocation: Invocation) async throws(CommandFailure) {
    try measure(invocation, .mixed)
  }

  @MainActor
  static func crypto(_ invocation: Invocation) async throws(CommandFailure) {
    do {
      let bench = try CryptoBench(roundMicroseconds: invocation.microseconds("round"))
      let rows = try bench.measure().map(\.fields)
      Output(invocation).printList(rows, titles: ["operation", "us", "per_second"])
    } catch {
      throw .of(code: error.code, "\(error)")
    }
  }

  private static func measure(
    _ invocation: Invocation,
    _ operation: BenchPlan.Operation
  ) throws(CommandFailure) {
    let plan = try BenchPlan(invocation, operation)
    let result = try BenchRun(plan, seed: .random(in: .min ... .max)).measure()
    Output(invocation).printResult(result.fields(of: plan))
    if let failure = result.failure { throw failure }
  }
}
