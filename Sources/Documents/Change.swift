package import ClientProtocol
package import Wire

/// One effect of a command: what digests, and later indexes and feeds, hang on.
package struct Change: Equatable, Sendable {
  /// What happened.
  package enum Kind: Equatable, Sendable {
    /// The collection was made.
    case createCollection
    /// The collection was removed with all it held.
    case dropCollection
    /// Something new.
    case insert
    /// Something new in place of something old.
    case replace
    /// Nothing in place of something old.
    case delete
  }

  /// The log index of the command.
  package var revision: UInt64
  /// Counts the changes of one command, from 0.
  package var ordinal: UInt32
  /// What happened.
  package var kind: Kind
  /// Where.
  package var place: Place
  /// The id, type byte first, or the raw key; empty for collections.
  package var id: Bytes
  /// The bytes before, if there were any.
  package var old: Bytes?
  /// The bytes after, if there are any.
  package var new: Bytes?
}
