/// A range of an array that others hold too: what arrives in one piece of memory is logged,
/// applied and stored from that piece, without a copy.
///
/// It keeps the whole array alive. What may outlive a large or reused array is `copied()` first:
/// a read buffer that somebody still refers to is copied by its next change.
@usableFromInline
package struct Bytes: Sendable {
  /// The array that the bytes lie in.
  @usableFromInline
  package let storage: [UInt8]
  @usableFromInline
  let start: UInt32
  @usableFromInline
  let end: UInt32

  /// A whole array, which is not copied.
  @inlinable
  package init(_ array: [UInt8]) {
    self.init(array, 0..<array.count)
  }

  /// A part of an array, within which the range lies; arrays are shorter than 4 GiB.
  @inlinable
  package init(_ array: [UInt8], _ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= array.count, "range within array")
    storage = array
    start = UInt32(range.lowerBound)
    end = UInt32(range.upperBound)
  }

  /// How many bytes there are.
  @inlinable
  package var count: Int { Int(end) - Int(start) }

  /// Whether there is none.
  @inlinable
  package var isEmpty: Bool { start == end }

  /// Where the bytes lie in `storage`.
  @inlinable
  package var range: Range<Int> { Int(start)..<Int(end) }

  /// The byte at an offset below `count`.
  @inlinable
  package subscript(offset: Int) -> UInt8 {
    precondition(offset >= 0 && offset < count, "offset within the bytes")
    return storage[Int(start) + offset]
  }

  /// The bytes between two offsets, shared.
  @inlinable
  package subscript(range: Range<Int>) -> Bytes {
    precondition(range.upperBound <= count, "range within the bytes")
    return Bytes(storage, Int(start) + range.lowerBound..<Int(start) + range.upperBound)
  }

  /// The bytes in an array of their own; the array that holds them, if it holds nothing else.
  @inlinable
  package var array: [UInt8] {
    count == storage.count ? storage : Array(storage[range])
  }

  /// The same bytes in memory of their own, so that nothing else is kept alive.
  package func copied() -> Bytes {
    count == storage.count ? self : Bytes(Array(storage[range]))
  }
}

extension Bytes: ExpressibleByArrayLiteral {
  /// The bytes written out.
  @inlinable
  package init(arrayLiteral elements: UInt8...) {
    self.init(elements)
  }
}

extension Bytes: Hashable {
  /// Whether both have the same bytes, wherever they lie.
  @usableFromInline
  package static func == (left: Bytes, right: Bytes) -> Bool {
    guard left.count == right.count else { return false }
    return left.storage[left.range].elementsEqual(right.storage[right.range])
  }

  /// Equal bytes hash alike.
  @usableFromInline
  package func hash(into hasher: inout Hasher) {
    // The pointer covers the bytes and lives only in this closure.
    unsafe storage[range].withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
  }
}

extension Bytes {
  /// Up to eight bytes of an array, filled up with zeros, as a number that compares as they do.
  @inlinable
  package static func head(of array: [UInt8], _ range: Range<Int>) -> UInt64 {
    precondition(range.lowerBound >= 0 && range.upperBound <= array.count, "range within array")
    guard range.count < 8 else {
      // Eight bytes follow the range's beginning, which lies in the array.
      return unsafe array.withUnsafeBytes {
        unsafe UInt64(
          bigEndian: $0.loadUnaligned(fromByteOffset: range.lowerBound, as: UInt64.self)
        )
      }
    }
    var head: UInt64 = 0
    for offset in range { head = head << 8 | UInt64(array[offset]) }
    return range.isEmpty ? 0 : head << UInt64(8 * (8 - range.count))
  }
}
