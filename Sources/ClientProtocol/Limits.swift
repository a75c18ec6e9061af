/// Every limit of the protocol, in one place; sizes are bytes.
package enum Limits {
  /// A document or a key's value.
  package static let documentSizeMax = 1 << 20
  /// An id with its type byte, or a raw key.
  package static let idSizeMax = 1_024
  /// A write's command: the largest document, its id and the names of its place.
  package static let commandSizeMax = documentSizeMax + (4 << 10)
  /// A collection's name in UTF-8.
  package static let collectionNameSizeMax = 120
  /// A database's name in UTF-8.
  package static let databaseNameSizeMax = 64
  /// A client's name in UTF-8.
  package static let clientNameSizeMax = 100
  /// A node's address in UTF-8.
  package static let addressSizeMax = 255
  /// The message of an error in UTF-8.
  package static let messageSizeMax = 1_024
  /// A program's version in UTF-8.
  package static let versionSizeMax = 64

  /// A frame once the handshake is complete: the largest document and what surrounds it.
  package static let frameSizeMax = (9 << 20) + (64 << 10)
  /// A frame before that.
  package static let handshakeFrameSizeMax = 4 << 10

  /// Items in a page, whatever the client asks for.
  package static let pageItemsMax = 10_000
  /// Items in a page when the client does not say.
  package static let pageItemsDefault = 100
  /// A page ends with the item that takes it past this size.
  package static let pageSizeMax = 1 << 20
  /// A piece of a state's image ends with the item that takes it to this size.
  package static let pieceSizeAim = 256 << 10
  /// The largest piece of a state's image.
  package static let pieceSizeMax = 4 << 20
  /// Names in one list.
  package static let namesMax = 100_000
  /// Members in a status.
  package static let membersMax = 64

  /// Writes of one session that may be unanswered.
  package static let sessionWindow: UInt64 = 256
  /// Requests that one connection may have in flight.
  package static let requestsInFlightMax: UInt32 = 16_384
  /// How long the frozen state of a scan is held, and that of an image without being asked for
  /// its next piece, in microseconds.
  package static let cursorLifeMicroseconds: UInt64 = 60_000_000

  /// The lowest and highest protocol version that this program speaks.
  package static let protocolVersionMin: UInt16 = 1
  /// The highest protocol version that this program speaks.
  package static let protocolVersionMax: UInt16 = 1
}

/// The database that is meant where none is named.
package let defaultDatabase = "default"
/// The collection of plain key-value data where none is named.
package let keyValueCollection = "kv"
