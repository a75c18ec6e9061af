/// A client of a Byzantine cluster by the place of its key among those of the genesis, ascending,
/// from 1.
///
/// Keys are fixed at birth, so that a number means the same key for ever.
package struct ClientNumber: Hashable, Comparable, Sendable {
  /// The number itself.
  package let rawValue: UInt16

  /// A client of this number.
  package init(_ rawValue: UInt16) {
    self.rawValue = rawValue
  }

  /// The client that a number was made for by `owning`.
  package init(owning number: UInt64) {
    rawValue = UInt16(truncatingIfNeeded: number)
  }

  /// A number that no other client can bear: the low 48 bits of one, with the client's behind.
  package func owning(_ number: UInt64) -> UInt64 {
    number << 16 | UInt64(rawValue)
  }

  /// Whether a number was made for this client by `owning`.
  package func owns(_ number: UInt64) -> Bool {
    UInt16(truncatingIfNeeded: number) == rawValue
  }

  /// Orders clients by number.
  package static func < (left: ClientNumber, right: ClientNumber) -> Bool {
    left.rawValue < right.rawValue
  }
}
