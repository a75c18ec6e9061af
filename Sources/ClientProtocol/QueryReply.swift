package import Wire

/// The answer to a query.
package enum QueryReply: Equatable, Sendable {
  /// A document or value, if there is one.
  case item(Item?)
  /// A part of a scan.
  case page(Page)
  /// How many there are, at which revision of the state.
  case count(UInt64, atRevision: UInt64)
  /// The names of collections or databases, in order of their bytes.
  case names([String])
  /// The cursor is closed.
  case closed
  /// A part of everything.
  case piece(Piece)
  /// There is no answer, and why.
  case failed(CommandReply.Failure)

  /// A document or value and when it last changed.
  package struct Item: Equatable, Sendable {
    /// The log index of its last change.
    package var revision: UInt64
    /// The document's BSON, or the key's value.
    package var bytes: Bytes

    package init(revision: UInt64, bytes: Bytes) {
      self.revision = revision
      self.bytes = bytes
    }
  }

  /// Some items of a scan, all from the same frozen state.
  package struct Page: Equatable, Sendable {
    /// The revision of the state that the whole scan sees.
    package var atRevision: UInt64
    /// Finds the next page; 0 after the last one.
    package var cursor: UInt64
    /// The items, in the scan's order.
    package var entries: [Entry]

    package init(atRevision: UInt64, cursor: UInt64, entries: [Entry]) {
      self.atRevision = atRevision
      self.cursor = cursor
      self.entries = entries
    }
  }

  /// A piece of a frozen state's image (docs/formats/state-image.md).
  package struct Piece: Equatable, Sendable {
    /// The revision of the frozen state.
    package var atRevision: UInt64
    /// Finds the next piece; 0 after the last one.
    package var cursor: UInt64
    /// What the image gave.
    package var bytes: [UInt8]

    package init(atRevision: UInt64, cursor: UInt64, bytes: [UInt8]) {
      self.atRevision = atRevision
      self.cursor = cursor
      self.bytes = bytes
    }
  }

  /// An item with its id or key.
  package struct Entry: Equatable, Sendable {
    /// The id, type byte first, or the raw key.
    package var key: [UInt8]
    /// The document or value.
    package var item: Item

    package init(key: [UInt8], item: Item) {
      self.key = key
      self.item = item
    }
  }
}
