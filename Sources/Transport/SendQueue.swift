/// Bytes on their way out, in pieces; what stands in a full one is never moved.
///
/// One array for all of them would have to grow where the other side is slow: each growth copies
/// what waits into memory that nobody has touched yet, and the node stands still meanwhile.
struct SendQueue {
  /// A piece of this size is filled up before the next is begun.
  static let pieceSize = 256 * 1024

  /// Filled pieces, the oldest at `firstPiece`.
  private var pieces: [[UInt8]] = []
  private var firstPiece = 0
  /// What is being filled; its memory is used again and again.
  private var last: [UInt8] = []
  /// How much of the oldest piece has been consumed.
  private var head = 0
  private var peakSinceTrim = 0

  /// How many bytes wait.
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }
  var isLarge: Bool { !pieces.isEmpty || last.capacity > ByteQueue.keptCapacity }

  /// The memory that is held, in bytes.
  var heldSize: Int { pieces.reduce(last.capacity) { $0 + $1.capacity } }

  /// How many bytes go next: what is left of the oldest piece.
  var frontCount: Int { (pieces.isEmpty ? last.count : pieces[firstPiece].count) - head }

  /// Lends the oldest piece, and says where in it the bytes lie that go next.
  ///
  /// Whoever kept it longer would make consuming a copy.
  func withFront<Result>(_ body: ([UInt8], Range<Int>) -> Result) -> Result {
    if pieces.isEmpty { return body(last, head..<last.count) }
    return body(pieces[firstPiece], head..<pieces[firstPiece].count)
  }

  /// Adds bytes at the end; O(bytes).
  mutating func append(_ bytes: [UInt8], _ range: Range<Int>) {
    var rest = range
    while !rest.isEmpty {
      if last.count == SendQueue.pieceSize { beginPiece() }
      let size = min(rest.count, SendQueue.pieceSize - last.count)
      last.append(contentsOf: bytes[rest.lowerBound..<rest.lowerBound + size])
      rest = rest.lowerBound + size..<rest.upperBound
    }
    count += range.count
    peakSinceTrim = max(peakSinceTrim, count)
  }

  /// Forgets bytes at the front of the oldest piece.
  mutating func consume(_ size: Int) {
    precondition(size >= 0 && size <= frontCount, "only bytes that are there can be consumed")
    head += size
    count -= size
    guard frontCount == 0 else { return }
    head = 0
    if pieces.isEmpty {
      last.removeAll(keepingCapacity: true)
    } else {
      dropPiece()
    }
  }

  /// Gives memory back that was not needed since the last call.
  mutating func trim() {
    defer { peakSinceTrim = count }
    guard pieces.isEmpty, isLarge, peakSinceTrim < last.capacity / 4 else { return }
    // Appended, as an array made of a whole one would share its memory.
    var rest: [UInt8] = []
    rest.append(contentsOf: last[head...])
    last = rest
    head = 0
  }

  private mutating func beginPiece() {
    pieces.append(last)
    last = []
    last.reserveCapacity(SendQueue.pieceSize)
  }

  /// Frees the oldest piece; the places of those before it are closed up when half are empty.
  private mutating func dropPiece() {
    pieces[firstPiece] = []
    firstPiece += 1
    guard 2 * firstPiece >= pieces.count else { return }
    pieces.removeFirst(firstPiece)
    firstPiece = 0
  }
}
