package import Wire

/// A place with the bytes that name it in commands and queries.
///
/// Most name the same one as those before: to compare bytes costs a tenth of what it costs to
/// read two names and check them. A class, as it is handed around by every command.
package final class KnownPlace: Sendable {
  /// The place.
  package let place: Place
  let bytes: [UInt8]

  /// Knows a place from now on.
  package init(_ place: Place) {
    self.place = place
    bytes = place.encoded()
  }

  /// Whether a command or a query names this place; both do it behind version, principal and
  /// number.
  package func isNamed(in bytes: Bytes) -> Bool {
    guard bytes.count >= Self.offset else { return false }
    var reader = ByteReader(bytes[Self.offset..<bytes.count])
    return reader.skip(ifNext: self.bytes)
  }

  private static let offset = 11
}

extension ByteReader {
  /// Reads a place, the known one by comparing bytes.
  mutating func readPlace(knowing known: KnownPlace?) throws(WireError) -> Place {
    if let known, skip(ifNext: known.bytes) { return known.place }
    return try Place(from: &self)
  }
}
