import ClientProtocol

/// Why a command ends early: what a person reads, and what a script tests.
struct CommandFailure: Error, Sendable {
  /// How the process ends.
  var exitCode: ExitCode
  /// The stable string in parentheses behind the message.
  var code: String
  /// What happened, where, and to what.
  var message: String
  /// What to do next, best as a command that can be run.
  var hint: String?
  /// Whether what was asked for may have been done all the same.
  var isOutcomeUnknown = false
  /// Whether a file could not be looked at for want of permission.
  var isDenied = false

  init(exitCode: ExitCode, code: String, message: String, hint: String? = nil) {
    self.exitCode = exitCode
    self.code = code
    self.message = message
    self.hint = hint
  }

  /// A failure of a code that the protocol knows.
  init(_ code: ErrorCode, _ message: String, hint: String? = nil) {
    self.init(exitCode: code.exitCode, code: code.rawValue, message: message, hint: hint)
  }

  /// A failure of a room's own code, which the protocol may know too.
  static func of(code: String, _ message: String, hint: String? = nil) -> CommandFailure {
    let exitCode = ErrorCode(rawValue: code)?.exitCode ?? .failed
    return CommandFailure(exitCode: exitCode, code: code, message: message, hint: hint)
  }

  /// The command line itself was wrong.
  static func usage(_ message: String, hint: String? = nil) -> CommandFailure {
    CommandFailure(exitCode: .usage, code: "usage", message: message, hint: hint)
  }

  /// A file or directory of the user's could not be read or written.
  static func file(_ path: String, _ problem: String, hint: String? = nil) -> CommandFailure {
    CommandFailure(
      exitCode: .failed,
      code: "file_error",
      message: "\(path): \(problem)",
      hint: hint
    )
  }

  /// The lines for standard error.
  var lines: [String] {
    ["error: \(message) (\(code))"] + (hint.map { ["hint: \($0)"] } ?? [])
  }
}
