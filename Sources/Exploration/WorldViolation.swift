/// A promise that a world has broken.
package struct WorldViolation: Error, Equatable, Sendable {
  /// The promise's id in the project's list of invariants.
  package let promise: String
  /// What happened.
  package let reason: String

  init(_ promise: String, _ reason: String) {
    self.promise = promise
    self.reason = reason
  }
}
