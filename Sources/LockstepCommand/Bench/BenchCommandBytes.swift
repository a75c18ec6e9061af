import ClientProtocol
import Wire

/// A command or query that is encoded once and then only changes its key.
struct BenchCommandBytes: Sendable {
  private static let blankKey = Array("key-00000000".utf8)

  private var template: [UInt8]
  private let keyOffset: Int

  /// A put of a value of this size.
  static func put(valueSize: Int, to place: Place) -> BenchCommandBytes {
    let value = (0..<valueSize).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 13) }
    let command = Command(place: place, operation: .kvPut(key: blankKey, value: value))
    return BenchCommandBytes(command.encoded(), bytesBehindKey: 4 + valueSize)
  }

  /// A linearizable read of a key.
  static func get(from place: Place) -> BenchCommandBytes {
    BenchCommandBytes(Query(.kvGet(place, key: blankKey)).encoded(), bytesBehindKey: 0)
  }

  private init(_ template: [UInt8], bytesBehindKey: Int) {
    self.template = template
    keyOffset = template.count - bytesBehindKey - BenchFrame.keySize
  }

  /// The bytes for a key.
  mutating func bytes(ofKey key: Int) -> [UInt8] {
    var rest = key
    for position in stride(from: keyOffset + BenchFrame.keySize - 1, to: keyOffset + 3, by: -1) {
      template[position] = 0x30 + UInt8(rest % 10)
      rest /= 10
    }
    return template
  }
}
