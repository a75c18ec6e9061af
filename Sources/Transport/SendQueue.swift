/// Bytes on their way out, in pieces; what stands in a full one is never moved.
///
/// One array for all of them would have to grow where the other side is slow: each growth copies
/// what waits into memory that nobody has touched yet, and the node stands still meanwhile.
struct SendQueue {
  /// A piece of this size is filled up before the next is begun.
  static let pieceSize = 256 * 1024

  /// Filled pieces, the oldest at `firstPiece`; before it are empty ones.
  private(set) var pieces: [ByteQueue] = []
  private var firstPiece = 0
  /// What is being filled; its memory is used again and again.
  private(set) var last = ByteQueue()

  /// How many bytes wait.
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }
  var isLarge: Bool { !pieces.isEmpty || last.isLarge }

  /// How many bytes go next: what is left of the oldest piece.
  var frontCount: Int { pieces.isEmpty ? last.count : pieces[firstPiece].count }

  /// Lends the oldest piece, and says where in it the bytes lie that go next.
  ///
  /// Whoever kept it longer would make consuming a copy.
  func withFront<Result>(_ body: ([UInt8], Range<Int>) -> Result) -> Result {
    if pieces.isEmpty { return body(last.storage, last.readable) }
    return body(pieces[firstPiece].storage, pieces[firstPiece].readable)
  }

  /// Adds bytes at the end; O(bytes).
  mutating func append(_ bytes: [UInt8], _ range: Range<Int>) {
    var rest = range
    while !rest.isEmpty {
      if last.storage.count == SendQueue.pieceSize { beginPiece() }
      let size = min(rest.count, SendQueue.pieceSize - last.storage.count)
      last.append(bytes, rest.lowerBound..<rest.lowerBound + size)
      rest = rest.lowerBound + size..<rest.upperBound
    }
    count += range.count
  }

  /// Forgets bytes at the front of the oldest piece.
  mutating func consume(_ size: Int) {
    precondition(size >= 0 && size <= frontCount, "only bytes that are there can be consumed")
    count -= size
    guard !pieces.isEmpty else { return last.consume(size) }
    pieces[firstPiece].consume(size)
    if pieces[firstPiece].isEmpty { dropPiece() }
  }

  /// Gives memory back that was not needed since the last call.
  mutating func trim() {
    if pieces.isEmpty { last.trim() }
  }

  private mutating func beginPiece() {
    pieces.append(last)
    last = ByteQueue(capacity: SendQueue.pieceSize)
  }

  /// Frees the oldest piece; the places of those before it are closed up when half are empty.
  private mutating func dropPiece() {
    pieces[firstPiece] = ByteQueue()
    firstPiece += 1
    guard 2 * firstPiece >= pieces.count else { return }
    pieces.removeFirst(firstPiece)
    firstPiece = 0
  }
}
