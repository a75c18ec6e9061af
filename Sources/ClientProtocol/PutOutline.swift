package import Wire

/// A `kvPut` whose key and value stay where they are.
package struct PutOutline: Sendable {
  /// Who asks; 0 is anonymous.
  package let principal: UInt64
  /// The key, in the command's own memory.
  package let key: Bytes
  /// The value, likewise.
  package let value: Bytes

  /// The outline of a command; nil unless it is a well-formed `kvPut` of the known place.
  package init?(of command: Bytes, at known: KnownPlace) {
    var reader = ByteReader(command)
    do {
      guard try reader.read(UInt16.self) == Command.version else { return nil }
      principal = try reader.read()
      guard try reader.read(UInt8.self) == Command.Operation.kvPutNumber,
        reader.skip(ifNext: known.bytes)
      else { return nil }
      key = try reader.share(Int(try reader.read(UInt16.self)))
      value = try reader.share(Int(try reader.read(UInt32.self)))
      try reader.expectEnd()
    } catch {
      return nil
    }
  }
}
