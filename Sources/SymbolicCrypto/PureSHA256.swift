package import Consensus

/// SHA-256 (FIPS 180-4 §6.2) in plain Swift: the product's digests where OpenSSL may not be.
package struct PureSHA256: Digester {
  /// A digester; it holds nothing.
  package init() {}

  /// The SHA-256 of the domain's byte followed by these.
  package func digest(of bytes: [UInt8], domain: DigestDomain) -> Digest {
    Self.digest(of: bytes, after: domain.rawValue)
  }

  /// The SHA-256 of the bytes, or of one byte and these.
  static func digest(of bytes: [UInt8], after first: UInt8? = nil) -> Digest {
    var message: [UInt8] = []
    message.reserveCapacity(bytes.count + 73)
    if let first { message.append(first) }
    message.append(contentsOf: bytes)
    pad(&message)
    var compression = SHA256Compression()
    for start in stride(from: 0, to: message.count, by: SHA256Compression.blockSize) {
      compression.take(message, at: start)
    }
    return compression.digest
  }

  /// A one, zeros to the end of a block, and the count of bits in the last eight bytes (§5.1.1).
  private static func pad(_ message: inout [UInt8]) {
    let bitCount = UInt64(message.count) * 8
    message.append(0x80)
    while message.count % SHA256Compression.blockSize != SHA256Compression.blockSize - 8 {
      message.append(0)
    }
    for shift in stride(from: UInt64(56), through: 0, by: -8) {
      message.append(UInt8(truncatingIfNeeded: bitCount >> shift))
    }
  }
}
