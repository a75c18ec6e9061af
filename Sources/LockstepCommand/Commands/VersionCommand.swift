import ClientProtocol

/// `lockstep version`.
enum VersionCommand {
  @MainActor
  static func run(_ invocation: Invocation) async throws(CommandFailure) {
    Output(invocation).printResult([
      JSONValue.Field("version", .text(lockstepVersion))
    ])
  }
}
