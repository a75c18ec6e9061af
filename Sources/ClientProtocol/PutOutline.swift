package import Wire

/// Where key and value of a `kvPut` lie in its command.
///
/// It refers to no memory: each reference that comes and goes costs as much as forty instructions.
package struct PutOutline: Sendable {
  /// Who asks; 0 is anonymous.
  package let principal: UInt64
  /// Where the key lies, counted from the command's start.
  package let key: Range<Int>
  /// Where the value lies, likewise.
  package let value: Range<Int>

  /// The outline of a command; nil unless it is a well-formed `kvPut` of the known place.
  package init?(of command: Bytes, at known: KnownPlace) {
    var reader = ByteReader(command)
    let start = reader.offset
    do {
      guard try reader.read(UInt16.self) == Command.version else { return nil }
      principal = try reader.read()
      guard try reader.read(UInt8.self) == Command.Operation.kvPutNumber,
        reader.skip(ifNext: known.bytes)
      else { return nil }
      let keySize = Int(try reader.read(UInt16.self))
      let keyStart = reader.offset - start
      try reader.skip(keySize)
      key = keyStart..<keyStart + keySize
      let valueSize = Int(try reader.read(UInt32.self))
      let valueStart = reader.offset - start
      try reader.skip(valueSize)
      value = valueStart..<valueStart + valueSize
      try reader.expectEnd()
    } catch {
      return nil
    }
  }
}
