/// The answer to a write.
public struct Written: Hashable, Sendable {
  /// The document's id; of a key, the key as binary.
  public let id: DocumentID
  /// The log index of the change.
  public let revision: UInt64
  /// Whether there was a document or key of this id before.
  public let existedBefore: Bool
  /// The node that answered.
  public let servedBy: UInt32
}
