import Consensus
import Crypto

/// What was lately found of signatures, in bounded room: the older half goes when the newer is
/// full.
struct VerdictCache: Sendable {
  /// Finds a claim by its signature; equal is only what claims the very same.
  private struct Key: Hashable {
    let claim: SignatureClaim

    static func == (left: Key, right: Key) -> Bool {
      left.claim.signature == right.claim.signature && left.claim.key == right.claim.key
        && left.claim.bytes == right.claim.bytes
    }

    func hash(into hasher: inout Hasher) {
      hasher.combine(claim.signature)
    }
  }

  private let countMax: Int
  private let sizeMax: Int
  private var newer: [Key: Bool] = [:]
  private var older: [Key: Bool] = [:]
  /// The bytes of the newer half's claims.
  private var size = 0

  /// A cache whose halves hold so many claims, of so many bytes together.
  init(countMax: Int = 8_192, sizeMax: Int = 4 << 20) {
    self.countMax = countMax
    self.sizeMax = sizeMax
  }

  /// Whether a claim holds; nil if that is not known.
  func verdict(of claim: SignatureClaim) -> Bool? {
    let key = Key(claim: claim)
    return newer[key] ?? older[key]
  }

  mutating func note(_ claim: SignatureClaim, _ holds: Bool) {
    if newer.count >= countMax || size > sizeMax {
      older = newer
      newer = [:]
      size = 0
    }
    guard newer.updateValue(holds, forKey: Key(claim: claim)) == nil else { return }
    size += claim.bytes.count
  }
}
