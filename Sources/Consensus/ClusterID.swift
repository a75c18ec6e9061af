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
    let digits = [high, low].map { half in
      let text = String(half, radix: 16)
      return String(repeating: "0", count: 16 - text.count) + text
    }
    return digits.joined()
  }
}
