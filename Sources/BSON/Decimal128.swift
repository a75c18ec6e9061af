/// The sixteen bytes of a 34-digit decimal number (IEEE 754-2008, binary integer encoding).
///
/// Kept as they came and never computed with; two encodings of one number stay two.
package struct Decimal128: Hashable, Sendable {
  /// Sign, exponent and the upper digits.
  package let high: UInt64
  /// The lower digits.
  package let low: UInt64

  /// Takes the two halves as BSON has them.
  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }
}
