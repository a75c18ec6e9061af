import Wire

/// 128 random bits that keep two clusters apart for ever.
package struct ClusterID: Hashable, Sendable {
  /// The first 64 bits.
  package let high: UInt64
  /// The last 64 bits.
  package let low: UInt64

  /// A cluster of these bits.
  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }
}

extension ClusterID: CustomStringConvertible {
  /// 32 hexadecimal digits.
  package var description: String {
    high.padded(to: 16, radix: 16) + low.padded(to: 16, radix: 16)
  }
}
