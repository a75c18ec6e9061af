/// A promise that a run has broken.
package struct Violation: Error, Equatable, Sendable {
  /// Which kind of promise.
  package enum Kind: String, Sendable {
    /// Something happened that never may.
    case safety
    /// Something did not happen that must.
    case liveness
  }

  /// Which kind of promise.
  package let kind: Kind
  /// The promise's id in docs/catalogue.md.
  package let promise: String
  /// What happened.
  package let reason: String
  /// The client's operation by which it showed, where there is one.
  var operation: Int?

  /// A broken safety promise.
  static func safety(
    _ promise: String,
    _ reason: String,
    operation: Int? = nil
  ) -> Violation {
    Violation(kind: .safety, promise: promise, reason: reason, operation: operation)
  }

  /// A broken liveness promise.
  static func liveness(_ promise: String, _ reason: String) -> Violation {
    Violation(kind: .liveness, promise: promise, reason: reason)
  }
}
