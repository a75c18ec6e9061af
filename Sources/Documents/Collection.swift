import ClientProtocol

/// Documents or raw values in order of their ids, and what kind they are.
struct Collection: Sendable {
  /// What a collection holds, for as long as it exists.
  enum Kind: UInt8, Sendable {
    /// BSON documents; ids are BSON values and compare as such.
    case documents = 1
    /// Raw bytes under raw keys.
    case keyValue = 2
  }

  let kind: Kind
  let place: Place
  /// The log index of its creation.
  let createdRevision: UInt64
  /// Items by the order-preserving bytes of their ids, or by their raw keys.
  var items = OrderedMap<Item>()
}
