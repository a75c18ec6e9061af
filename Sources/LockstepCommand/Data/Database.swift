import ClientProtocol
import LockstepByzantineClient
import LockstepClient

/// Opens the database that a command is about, and turns its errors into failures.
enum Database {
  /// Connects, runs `body`, closes.
  @MainActor
  static func with<Result: Sendable>(
    _ invocation: Invocation,
    configuration: Client.Configuration = Client.Configuration(),
    _ body: @MainActor (Client) async throws -> Result
  ) async throws(CommandFailure) -> Result {
    try await with(url(invocation), configuration: configuration, body)
  }

  /// The same for a cluster that is named otherwise.
  @MainActor
  static func with<Result: Sendable>(
    _ url: String,
    configuration: Client.Configuration = Client.Configuration(),
    _ body: @MainActor (Client) async throws -> Result
  ) async throws(CommandFailure) -> Result {
    do {
      let client = try await Client.connect(anyMode: url, configuration: configuration)
      return try await client.closing(after: body)
    } catch let error as LockstepError {
      throw CommandFailure(error)
    } catch let error as CommandFailure {
      throw error
    } catch {
      fatalError("calls throw nothing else: \(error)")
    }
  }

  /// How long a node may take to say how it stands: what `--timeout` says, else a second.
  static func patience(_ invocation: Invocation) -> Duration {
    guard invocation.isGiven("timeout") else { return .seconds(1) }
    return .microseconds(invocation.microseconds("timeout"))
  }

  /// The URL, with what flags say in place of its own options.
  static func url(_ invocation: Invocation) -> String {
    var url = invocation.text("url")
    for option in ["timeout", "consistency"] {
      guard let value = invocation.optional(option) else { continue }
      url += (url.contains("?") ? "&" : "?") + "\(option)=\(value)"
    }
    return url
  }
}

extension CommandFailure {
  /// The failure of a call.
  init(_ error: LockstepError) {
    let isUnknown = error.outcome == .unknown
    let write = error.write.map { " (session \($0.session), sequence \($0.sequence))" } ?? ""
    self = CommandFailure.of(
      code: error.code.rawValue,
      error.message + (isUnknown ? "; it may or may not have taken effect" + write : ""),
      hint: error.advice
    )
    isOutcomeUnknown = isUnknown
    if isUnknown {
      // Whatever else is to be said of it: nobody may take it for a refusal.
      if exitCode != .checkFailed { exitCode = .noAnswer }
      if let write = error.write { hint = "lockstep outcome \(write.session) \(write.sequence)" }
    } else if exitCode == .noAnswer {
      if code == ErrorCode.tooFewAnswers.rawValue { exitCode = .unavailable }
      hint = "nothing was changed; look whether the nodes are up: lockstep cluster status"
    }
  }
}
