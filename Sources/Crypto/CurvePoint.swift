/// A point of Ed25519's curve, −x² + y² = 1 + d·x²·y², in extended coordinates: x = X÷Z, y = Y÷Z,
/// x·y = T÷Z (Hisil et al., "Twisted Edwards Curves Revisited", §3).
struct CurvePoint: Sendable {
  private static let d = -FieldElement(121_665) * FieldElement(121_666).inverse
  private static let twiceD = d + d
  /// 2 to the power of (p − 1) ÷ 4.
  private static let rootOfMinusOne = FieldElement(2).powerToRoot.squared * FieldElement(2)

  static let neutral = CurvePoint(x: .zero, y: .one, z: .one, t: .zero)

  private var x: FieldElement
  private var y: FieldElement
  private var z: FieldElement
  private var t: FieldElement

  private init(x: FieldElement, y: FieldElement, z: FieldElement, t: FieldElement) {
    self.x = x
    self.y = y
    self.z = z
    self.t = t
  }

  /// A point as another one is added it.
  struct Summand: Sendable {
    fileprivate let sum: FieldElement
    fileprivate let difference: FieldElement
    fileprivate let twiceZ: FieldElement
    fileprivate let twiceDT: FieldElement
  }

  var summand: Summand {
    Summand(sum: y + x, difference: y - x, twiceZ: z + z, twiceDT: t * Self.twiceD)
  }

  static prefix func - (point: CurvePoint) -> CurvePoint {
    CurvePoint(x: -point.x, y: point.y, z: point.z, t: -point.t)
  }

  /// Complete: it holds for all points, equal and neutral ones too (there, §3.1).
  @inline(__always)
  static func + (point: CurvePoint, other: Summand) -> CurvePoint {
    let a = (point.y - point.x) * other.difference
    let b = (point.y + point.x) * other.sum
    let (c, d) = (point.t * other.twiceDT, point.z * other.twiceZ)
    return CurvePoint(e: b - a, f: d - c, g: d + c, h: b + a)
  }

  /// The opposite of a point has its x and t the other way round.
  @inline(__always)
  static func - (point: CurvePoint, other: Summand) -> CurvePoint {
    let a = (point.y - point.x) * other.sum
    let b = (point.y + point.x) * other.difference
    let (c, d) = (point.t * other.twiceDT, point.z * other.twiceZ)
    return CurvePoint(e: b - a, f: d + c, g: d - c, h: b + a)
  }

  @inline(__always)
  private init(e: FieldElement, f: FieldElement, g: FieldElement, h: FieldElement) {
    self.init(x: e * f, y: g * h, z: f * g, t: e * h)
  }

  /// The point added to itself (there, §3.3).
  var doubled: CurvePoint {
    let (a, b, c) = (x.squared, y.squared, z.squared)
    let h = a + b
    let e = h - (x + y).squared
    let g = a - b
    return CurvePoint(e: e, f: c + c + g, g: g, h: h)
  }

  // MARK: Bytes

  /// Reads a point (RFC 8032 §5.1.3); nil if it is none, or not in its one form.
  init?(words: SIMD4<UInt64>) {
    let isOdd = words[3] >> 63 == 1
    let y = FieldElement(words: words)
    guard y.words == SIMD4(words[0], words[1], words[2], words[3] & .max >> 1) else { return nil }
    // x² = u ÷ v; a candidate for the root is u·v³·(u·v⁷) to the power of (p − 5) ÷ 8.
    let u = y.squared - .one
    let v = y.squared * Self.d + .one
    let cubed = v.squared * v
    var x = u * cubed * (u * cubed.squared * v).powerToRoot
    if v * x.squared + u == .zero { x = x * Self.rootOfMinusOne }
    guard v * x.squared == u, !(x == .zero && isOdd) else { return nil }
    if x.isOdd != isOdd { x = -x }
    self.init(x: x, y: y, z: .one, t: x * y)
  }

  /// Writes the point as it is sent: y, and whether x is odd (RFC 8032 §5.1.2).
  var words: SIMD4<UInt64> {
    let inverse = z.inverse
    let isOdd = (x * inverse).isOdd
    var words = (y * inverse).words
    if isOdd { words[3] |= 1 << 63 }
    return words
  }
}
