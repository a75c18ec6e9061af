import ClientProtocol
import JepsenHarness

/// Why a command ends early: what a person reads, and what a script tests.
struct Failure: Error, Sendable {
  let exitCode: ExitCode
  let message: String
  let code: String
  var hint: String?

  static func usage(_ message: String, hint: String? = nil) -> Failure {
    Failure(exitCode: .usage, message: message, code: "usage", hint: hint)
  }

  init(exitCode: ExitCode, message: String, code: String, hint: String? = nil) {
    self.exitCode = exitCode
    self.message = message
    self.code = code
    self.hint = hint
  }

  /// What the harness could not do.
  init(_ error: HarnessError) {
    self.init(exitCode: .failed, message: error.description, code: "harness_failed")
  }
}
