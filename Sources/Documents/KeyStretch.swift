/// A stretch of keys, which compare by unsigned bytes.
package struct KeyStretch: Equatable, Sendable {
  /// One end of a stretch.
  package enum Bound: Equatable, Sendable {
    /// No end.
    case unbounded
    /// Up to this key, and the key itself.
    case including([UInt8])
    /// Up to this key, without it.
    case excluding([UInt8])
  }

  /// All keys.
  package static let all = KeyStretch(from: .unbounded, to: .unbounded)

  /// Where the stretch begins.
  package let lower: Bound
  /// Where the stretch ends.
  package let upper: Bound

  /// The keys from one bound to another; none if they cross.
  package init(from lower: Bound, to upper: Bound) {
    self.lower = lower
    self.upper = upper
  }

  /// The keys that begin with these bytes.
  package init(prefix: [UInt8]) {
    lower = .including(prefix)
    var next = prefix
    while next.last == 0xFF {
      next.removeLast()
    }
    guard let last = next.popLast() else {
      upper = .unbounded
      return
    }
    upper = .excluding(next + [last + 1])
  }
}
