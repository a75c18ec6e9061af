@testable import BSON

/// Random values that meet each other often: small alphabets, and numbers near the borders.
struct RandomValues {
  private var chance: SeededChance

  init(seed: UInt64) {
    chance = SeededChance(seed: seed)
  }

  mutating func next(below bound: Int) -> Int {
    chance.next(below: bound)
  }

  mutating func value(depth: Int) -> BSONValue {
    switch chance.next(below: depth > 0 ? 16 : 12) {
    case 0: chance.pick([.null, .minKey, .maxKey, .boolean(true), .boolean(false)])
    case 1...5: number()
    case 6, 7: .string(text())
    case 8: .binary(subtype: UInt8(next(below: 2)), bytes: Array(text().utf8))
    case 9: .objectID(ObjectID(high: UInt64(next(below: 2)), low: UInt32(next(below: 3))))
    case 10: .datetime(Int64(next(below: 5)) - 2)
    case 11: .timestamp(seconds: UInt32(next(below: 3)), increment: UInt32(next(below: 3)))
    case 12, 13: .array((0..<next(below: 3)).map { _ in value(depth: depth - 1) })
    default: document(depth: depth)
    }
  }

  /// A value that differs little from another, or not at all.
  mutating func neighbor(of value: BSONValue) -> BSONValue {
    switch value {
    case .string(let text): .string(text + chance.pick(["", "\0", "a"]))
    case .int64(let number): chance.pick([.double(Double(number)), .int64(number &+ 1)])
    case .int32(let number): chance.pick([.double(Double(number)), .int64(Int64(number))])
    case .double(let number): chance.pick([.double(number.nextUp), Self.decimal(number), value])
    case .array(let values): .array(values + [.null])
    default: value
    }
  }

  mutating func number() -> BSONValue {
    switch chance.next(below: 6) {
    case 0: .int32(chance.pick([0, 1, -1, .max, .min, 7]))
    case 1:
      .int64(chance.pick([0, 1, .max, .min, 1 << 53, -1 << 53]) &+ Int64(next(below: 5)) &- 2)
    case 2:
      .double(
        chance.pick([
          0, -0.0, 1, .nan, .infinity, 0x1p53, -0x1p63, 0x1p63, 0.1, .leastNonzeroMagnitude,
        ])
      )
    case 3: .double(Double(bitPattern: chance.next()))
    case 4: Self.decimal(Double(bitPattern: chance.next()))
    default:
      .decimal128(
        Decimal128(
          isNegative: next(below: 2) == 0,
          digits: UInt128(chance.next() >> UInt64(next(below: 64))),
          exponent: next(below: 40) - 20
        )
      )
    }
  }

  /// The double's shortest text as a decimal number: close to the double, rarely equal to it.
  private static func decimal(_ double: Double) -> BSONValue {
    Decimal128(text: Array(double.description.utf8)).map { .decimal128($0) } ?? .double(double)
  }

  private mutating func text() -> String {
    (0..<next(below: 4)).map { _ in chance.pick(["a", "b", "\0", "\u{1}", "é", "😀"]) }.joined()
  }

  private mutating func document(depth: Int) -> BSONValue {
    let names = ["a", "b", "c", ""].filter { _ in next(below: 3) == 0 }
    let fields = names.map { (name: $0, value: value(depth: depth - 1)) }
    return .document((try? BSONDocument(fields: fields)) ?? .empty)
  }
}
