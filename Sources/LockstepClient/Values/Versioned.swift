/// A document together with its id and the revision of its last change.
public struct Versioned<Document: Sendable>: Sendable {
  /// The document's id.
  public let id: DocumentID
  /// The document.
  public var value: Document
  /// The log index of its last change: what `replace(ifRevision:)` compares.
  public let revision: UInt64
  /// The node that answered.
  public let servedBy: UInt32
}

extension Versioned: Equatable where Document: Equatable {}

extension Versioned where Document == JSON {
  /// The document with its `_id` in front, as `export` writes it.
  public var withID: JSON {
    DocumentCoding.adding(id, to: value)
  }
}
