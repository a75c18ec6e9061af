/// A change that the cluster is asked to make: what the replicated log carries.
///
/// Ids are a BSON type byte and the value's bytes, documents are BSON without `_id`; both are
/// checked where they are stored.
package struct Command: Equatable, Sendable {
  /// The command version that this program writes and the newest that it reads.
  package static let version: UInt16 = 1

  /// Who asks; 0 is anonymous.
  package var principal: UInt64
  /// What is changed.
  package var place: Place
  /// How it is changed.
  package var operation: Operation

  package init(principal: UInt64 = 0, place: Place, operation: Operation) {
    self.principal = principal
    self.place = place
    self.operation = operation
  }

  /// What can be done to a collection; a revision of 0 asks for no particular one.
  package enum Operation: Equatable, Sendable {
    /// Makes the collection.
    case createCollection
    /// Removes the collection and all it holds.
    case dropCollection
    /// Adds a document that must be new; without an id it gets a server-made ObjectId.
    case insert(id: [UInt8]?, document: [UInt8])
    /// Adds or replaces a document.
    case put(id: [UInt8], document: [UInt8])
    /// Replaces a document that exists, if it is at this revision.
    case replace(id: [UInt8], document: [UInt8], ifRevision: UInt64)
    /// Removes a document, if it is at this revision.
    case delete(id: [UInt8], ifRevision: UInt64)
    /// Sets a key's value.
    case kvPut(key: [UInt8], value: [UInt8])
    /// Sets a key's value if the key is at this revision, 0 meaning absent.
    case kvPutIf(key: [UInt8], value: [UInt8], expectedRevision: UInt64)
    /// Removes a key, if it is at this revision.
    case kvDelete(key: [UInt8], ifRevision: UInt64)
    /// Adds to the decimal number that a key holds; an absent key counts as 0.
    case kvIncrement(key: [UInt8], by: Int64)
  }
}
