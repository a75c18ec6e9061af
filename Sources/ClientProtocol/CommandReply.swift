/// What came of a command; kept by its session until the client has seen it.
package enum CommandReply: Equatable, Sendable {
  /// A document or key was written; `id` is empty for keys.
  case written(revision: UInt64, existedBefore: Bool, id: [UInt8])
  /// A document or key is absent now.
  case deleted(revision: UInt64, existed: Bool)
  /// A number was added to.
  case incremented(revision: UInt64, value: Int64)
  /// A collection was made or removed.
  case changed(revision: UInt64)
  /// Nothing was changed.
  case failed(Failure)

  /// Why a command or query was not carried out; it changed nothing.
  package struct Failure: Equatable, Sendable {
    /// The stable code.
    package var code: ErrorCode
    /// What happened, for a person.
    package var message: String
    /// The revision that stood in the way; 0 where there is none.
    package var currentRevision: UInt64

    /// A failure.
    package init(_ code: ErrorCode, _ message: String, currentRevision: UInt64 = 0) {
      self.code = code
      self.message = message
      self.currentRevision = currentRevision
    }
  }
}
