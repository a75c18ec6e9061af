/// A number modulo the order of Ed25519's group, L = 2²⁵² + c, as four little-endian words.
///
/// It takes as long as its numbers like: nothing secret goes through it.
struct CurveScalar: Sendable {
  /// c, and L itself.
  private static let excess: (UInt64, UInt64) = (0x5812_631A_5CF5_D3ED, 0x14DE_F9DE_A2F7_9CD6)
  private static let order = [excess.0, excess.1, 0, 1 << 60]

  private var words: [UInt64]

  /// A number below L; nil if it is not.
  init?(_ words: SIMD4<UInt64>) {
    self.words = [words[0], words[1], words[2], words[3]]
    guard !isOrderOrMore else { return nil }
  }

  /// What is left of a number of any size when it is divided by L; its words, the lowest first.
  init(reducing number: [UInt64]) {
    words = [0, 0, 0, 0]
    for word in number.reversed() {
      append(UInt32(truncatingIfNeeded: word >> 32))
      append(UInt32(truncatingIfNeeded: word))
    }
  }

  /// Multiplies by 2³², adds, and takes off as many times L as there are in it, or once too often.
  private mutating func append(_ low: UInt32) {
    // The part above bit 252 says how often.
    let times = UInt128(words[3] >> 28)
    for place in (1...3).reversed() { words[place] = words[place] << 32 | words[place - 1] >> 32 }
    words[0] = words[0] << 32 | UInt64(low)
    words[3] &= 1 << 60 - 1
    let first = times * UInt128(Self.excess.0)
    let second = times * UInt128(Self.excess.1) + first >> 64
    let isBelow = subtract([
      UInt64(truncatingIfNeeded: first), UInt64(truncatingIfNeeded: second),
      UInt64(truncatingIfNeeded: second >> 64), 0,
    ])
    if isBelow { addOrder() }
    if isOrderOrMore { _ = subtract(Self.order) }
  }

  private var isOrderOrMore: Bool {
    for place in (0...3).reversed() where words[place] != Self.order[place] {
      return words[place] > Self.order[place]
    }
    return true
  }

  /// Returns whether it went below zero, 2²⁵⁶ being added then.
  private mutating func subtract(_ other: [UInt64]) -> Bool {
    var borrow = false
    for place in 0...3 {
      let (once, isBelow) = words[place].subtractingReportingOverflow(other[place])
      let (twice, isBelowAgain) = once.subtractingReportingOverflow(borrow ? 1 : 0)
      words[place] = twice
      borrow = isBelow || isBelowAgain
    }
    return borrow
  }

  private mutating func addOrder() {
    var carry = false
    for place in 0...3 {
      let (once, isOver) = words[place].addingReportingOverflow(Self.order[place])
      let (twice, isOverAgain) = once.addingReportingOverflow(carry ? 1 : 0)
      words[place] = twice
      carry = isOver || isOverAgain
    }
  }

  /// Its 64 digits of base 16, each from −8 to 7, the lowest first.
  var digits: [Int8] {
    var digits: [Int8] = []
    digits.reserveCapacity(64)
    var carry: Int8 = 0
    for word in words {
      for place in 0..<16 {
        let digit = Int8(word >> (4 * place) & 15) + carry
        carry = digit >= 8 ? 1 : 0
        digits.append(digit - 16 * carry)
      }
    }
    // Numbers below L are below 2²⁵³: nothing is carried out of the last digit.
    return digits
  }
}
