/// Chance from a seed: equal seeds give equal numbers on every machine.
///
/// xoshiro256** by Blackman and Vigna, its state filled by SplitMix64.
package struct RandomSource: Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  /// A source of numbers that depend on the seed alone.
  package init(seed: UInt64) {
    var mixer = seed
    func next() -> UInt64 {
      mixer &+= 0x9E37_79B9_7F4A_7C15
      var mixed = mixer
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
    state = (next(), next(), next(), next())
  }

  /// The next 64 bits.
  package mutating func next() -> UInt64 {
    let product = state.1 &* 5
    let result = ((product << 7) | (product >> 57)) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = (state.3 << 45) | (state.3 >> 19)
    return result
  }

  /// A number from a range that is not empty. (Its bias is below 2⁻⁶⁴ of the range's width.)
  package mutating func number(in range: Range<UInt64>) -> UInt64 {
    invariant(!range.isEmpty, "a number is drawn from a range with something in it")
    let wide = next().multipliedFullWidth(by: range.upperBound - range.lowerBound)
    return range.lowerBound + wide.high
  }

  /// A number below `count`, which is at least 1.
  package mutating func number(below count: Int) -> Int {
    Int(number(in: 0..<UInt64(count)))
  }

  /// True in `percent` of a hundred draws.
  package mutating func chance(percent: Int) -> Bool {
    number(below: 100) < percent
  }

  /// True in one of `count` draws.
  package mutating func oneIn(_ count: Int) -> Bool {
    number(below: count) == 0
  }

  /// A source of its own, for a part that must not disturb the others' numbers.
  package mutating func fork() -> RandomSource {
    RandomSource(seed: next())
  }
}
