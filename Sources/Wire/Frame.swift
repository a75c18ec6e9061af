/// The fixed part of a frame: what stands where, and what no frame may exceed.
///
/// `docs/formats/wire.md` shows the bytes.
package enum Frame {
  /// The version of the frame layout.
  package static let version: UInt8 = 1
  /// The bytes before the extensions.
  package static let headerSize = 20
  /// The bytes of the length field, which `length` does not count.
  package static let lengthFieldSize = 4
  /// The smallest `length` that a frame can state.
  package static let lengthMin = headerSize - lengthFieldSize

  /// The unit in which the header states the size of the extension area.
  static let extensionWordSize = 4

  /// The kinds of extension that this version knows; readers skip all others.
  enum ExtensionType {
    static let padding: UInt8 = 0
    static let deadline: UInt8 = 1
    static let trace: UInt8 = 2
  }

  /// Where the fields stand, counted from the start of the frame.
  enum Offset {
    static let checksum = 4
    static let version = 8
    static let kind = 9
    static let flags = 10
    static let extensionWords = 11
  }

  /// The checksum of the frame at `range`: its length field and all behind the checksum.
  static func checksum(of bytes: [UInt8], _ range: Range<Int>) -> UInt32 {
    let length = range.lowerBound..<range.lowerBound + Offset.checksum
    let rest = range.lowerBound + Offset.version..<range.upperBound
    return CRC32C.checksum(bytes, rest, continuing: CRC32C.checksum(bytes, length))
  }
}
