/// Bytes in, bytes out, in one array that is used again and again.
struct ByteQueue {
  /// Below this size memory is kept for ever: there may be ten thousand idle connections.
  static let keptCapacity = 8 * 1024

  private(set) var storage: [UInt8] = []
  private var head = 0
  private var peakSinceTrim = 0

  init() {}

  /// Has memory for so many bytes at once.
  init(capacity: Int) {
    storage.reserveCapacity(capacity)
  }

  /// The part of `storage` that has not been consumed.
  var readable: Range<Int> { head..<storage.count }

  var count: Int { storage.count - head }
  var isEmpty: Bool { count == 0 }
  var isLarge: Bool { storage.capacity > ByteQueue.keptCapacity }

  /// Adds bytes at the end.
  ///
  /// Amortized O(bytes): the rest is moved down only when less is left than was consumed.
  mutating func append(_ bytes: [UInt8], _ range: Range<Int>) {
    if head > 0, head >= count {
      storage.removeSubrange(0..<head)
      head = 0
    }
    storage.append(contentsOf: bytes[range])
    peakSinceTrim = max(peakSinceTrim, count)
  }

  /// Forgets bytes at the front.
  mutating func consume(_ size: Int) {
    precondition(size >= 0 && size <= count, "only bytes that are there can be consumed")
    head += size
    guard head == storage.count else { return }
    storage.removeAll(keepingCapacity: true)
    head = 0
  }

  /// Gives memory back that was not needed since the last call, also where a part of a frame is
  /// left: its sender decides when the rest comes.
  mutating func trim() {
    defer { peakSinceTrim = count }
    guard isLarge, peakSinceTrim < storage.capacity / 4 else { return }
    // Appended, as an array made of a whole one would share its memory.
    var rest: [UInt8] = []
    rest.append(contentsOf: storage[readable])
    storage = rest
    head = 0
  }
}
