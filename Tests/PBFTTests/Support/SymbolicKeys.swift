import Consensus
import Wire

@testable import PBFT

/// Symbolic cryptography: a signature is a keyed mixture that nobody who lacks the secret asks for.
///
/// Unforgeable because only `signer(of:)` hands out secrets, and tests keep apart who has which.
struct SymbolicKeys: Verifier, Digester {
  /// A name for each holder; the secret is the name, mixed with a number of this type's own.
  func publicKey(of holder: Int) -> PublicKey {
    PublicKey(bits: Bits256(0x5359_4D42, UInt64(holder), 7, 7))
  }

  func signer(of holder: Int) -> SymbolicSigner {
    SymbolicSigner(publicKey: publicKey(of: holder))
  }

  func isValid(_ signature: Signature, of bytes: [UInt8], by key: PublicKey) -> Bool {
    signature == Self.signature(of: bytes, by: key)
  }

  func digest(of bytes: [UInt8], domain: DigestDomain) -> Digest {
    Digest(bits: Self.mix(bytes, seed: UInt64(domain.rawValue)))
  }

  static func signature(of bytes: [UInt8], by key: PublicKey) -> Signature {
    let secret = Self.mix(key.bytes, seed: 0x5EC2E7)
    return Signature(first: Self.mix(bytes + secret.bytes, seed: 1), second: secret)
  }

  /// 256 bits in which no two inputs of a test meet.
  static func mix(_ bytes: [UInt8], seed: UInt64) -> Bits256 {
    var lanes: (UInt64, UInt64) = (seed ^ 0x9E37_79B9_7F4A_7C15, seed &* 0xD6E8_FEB8_6659_FD93)
    var word: UInt64 = 0
    bytes.withUnsafeBytes { raw in
      var place = 0
      while place + 8 <= raw.count {
        Self.take(raw.loadUnaligned(fromByteOffset: place, as: UInt64.self), &lanes)
        place += 8
      }
      while place < raw.count {
        word = word << 8 | UInt64(raw[place])
        place += 1
      }
    }
    Self.take(word ^ UInt64(bytes.count) << 56, &lanes)
    var out: [UInt64] = []
    for index in 0..<4 {
      Self.take(UInt64(index), &lanes)
      out.append(lanes.0 ^ (lanes.1 << 1))
    }
    return Bits256(out[0], out[1], out[2], out[3])
  }

  private static func take(_ word: UInt64, _ lanes: inout (UInt64, UInt64)) {
    lanes.0 = (lanes.0 ^ word) &* 0xBF58_476D_1CE4_E5B9
    lanes.0 ^= lanes.0 >> 29
    lanes.1 = (lanes.1 &+ word ^ lanes.0) &* 0x94D0_49BB_1331_11EB
    lanes.1 ^= lanes.1 >> 32
  }
}

struct SymbolicSigner: Signer {
  let publicKey: PublicKey

  func sign(_ bytes: [UInt8]) -> Signature {
    SymbolicKeys.signature(of: bytes, by: publicKey)
  }
}
