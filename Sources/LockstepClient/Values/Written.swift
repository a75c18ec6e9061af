/// The answer to a write of a document.
public struct Written: Hashable, Sendable {
  /// The document's id.
  public let id: DocumentID
  /// The log index of the change.
  public let revision: UInt64
  /// Whether there was a document of this id before.
  public let existedBefore: Bool
  /// The node that answered.
  public let servedBy: UInt32
  /// The write's name.
  public let write: WriteID
}
