import Consensus

/// A hash of two words by numbers that nobody else knows: two different pairs come to equal leading
/// bits as seldom as by chance, whoever chose them without knowing these numbers.
///
/// NH of UMAC (Black et al. 1999, §4.2) makes 128 bits of the pair, and multiplication by odd
/// numbers (Dietzfelbinger et al. 1997) 64 of these, of which the leading ones count.
struct HashSecret: Sendable {
  private let added: (UInt64, UInt64)
  private let factors: (UInt64, UInt64)

  init(seed: UInt64) {
    var random = RandomSource(seed: seed)
    added = (random.next(), random.next())
    factors = (random.next() | 1, random.next() | 1)
  }

  func hash(_ words: (UInt64, UInt64)) -> UInt64 {
    let product = (words.0 &+ added.0).multipliedFullWidth(by: words.1 &+ added.1)
    return product.high &* factors.0 &+ product.low &* factors.1
  }
}
