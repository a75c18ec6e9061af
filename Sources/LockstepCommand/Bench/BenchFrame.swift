import ClientProtocol
import Wire

/// A request frame that is made once and then only changes its numbers: a few nanoseconds each.
struct BenchFrame: Sendable {
  static let keySize = 12
  private static let requestIDOffset = 12
  private static let sessionOffset = Frame.headerSize
  private static let sequenceOffset = Frame.headerSize + 8
  private static let answeredOffset = Frame.headerSize + 16
  private static let checksumOffset = 4
  private static let checkedFrom = 8

  private var writer = ByteWriter()
  private let keyOffset: Int
  private let isWrite: Bool

  /// The bytes of the frame as last filled.
  var bytes: [UInt8] { writer.bytes }

  /// A put of a value of this size.
  static func put(valueSize: Int, to place: Place) -> BenchFrame {
    let value = (0..<valueSize).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 13) }
    let command = Command(place: place, operation: .kvPut(key: blankKey, value: value))
    var bytes = ByteWriter()
    bytes.write(command)
    let bytesOfCommand = Bytes(bytes.finish())
    let write = WriteRequest(
      session: 0,
      sequence: 0,
      answeredThrough: 0,
      command: bytesOfCommand
    )
    return BenchFrame(.write(write), bytesBehindKey: 4 + valueSize)
  }

  /// A linearizable read of a key.
  static func get(from place: Place) -> BenchFrame {
    var bytes = ByteWriter()
    bytes.write(Query(.kvGet(place, key: blankKey)))
    let read = ReadRequest(.linearizable, query: bytes.bytes)
    return BenchFrame(.read(read), bytesBehindKey: 0)
  }

  private static let blankKey = Array("key-00000000".utf8)

  private init(_ request: Request, bytesBehindKey: Int) {
    request.writeFrame(into: &writer, requestID: 0)
    writer = ByteWriter(continuing: writer.finish())
    keyOffset = writer.count - bytesBehindKey - Self.keySize
    if case .write = request { isWrite = true } else { isWrite = false }
  }

  /// Makes it the request of this number and key; a write's number is its sequence too.
  mutating func fill(id: UInt64, key: Int, session: UInt64, answeredThrough: UInt64) {
    writer.overwrite(id, at: Self.requestIDOffset)
    if isWrite {
      writer.overwrite(session, at: Self.sessionOffset)
      writer.overwrite(id, at: Self.sequenceOffset)
      writer.overwrite(answeredThrough, at: Self.answeredOffset)
    }
    var rest = key
    for position in stride(from: keyOffset + Self.keySize - 1, to: keyOffset + 3, by: -1) {
      writer.overwrite(0x30 + UInt8(rest % 10), at: position)
      rest /= 10
    }
    let length = CRC32C.checksum(writer.storage, 0..<Self.checksumOffset)
    let range = Self.checkedFrom..<writer.count
    let checksum = CRC32C.checksum(writer.storage, range, continuing: length)
    writer.overwrite(checksum, at: Self.checksumOffset)
  }
}
