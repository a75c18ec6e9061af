import Wire

/// A block whose last four bytes are the CRC-32C of those before; it begins with magic and version.
enum CheckedBlock {
  /// Fills `content` up with zeros to `size` bytes, the checksum included.
  static func seal(_ content: [UInt8], size: Int) -> [UInt8] {
    var writer = ByteWriter(continuing: content)
    writer.writeRaw([UInt8](repeating: 0, count: size - 4 - content.count))
    writer.write(CRC32C.checksum(writer.bytes))
    return writer.bytes
  }

  /// Checks size, checksum, magic and version, in the order in which they say most.
  static func check(
    _ block: [UInt8],
    size: Int,
    magic: [UInt8],
    version: UInt16,
    file: String
  ) throws(StorageError) {
    guard block.count == size else {
      throw .corrupt(
        file: file,
        offset: block.count,
        what: "it ends within a block of \(size) bytes"
      )
    }
    let stated = block[(size - 4)...].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    guard CRC32C.checksum(block, 0..<size - 4) == stated else {
      throw .corrupt(file: file, offset: 0, what: "the checksum of \(size) bytes is wrong")
    }
    guard Array(block.prefix(8)) == magic else {
      throw .foreign(file: file, what: "it is no file of this kind")
    }
    let found = UInt16(block[8]) | UInt16(block[9]) << 8
    guard found == version else { throw .unsupported(file: file, version: found) }
  }
}
