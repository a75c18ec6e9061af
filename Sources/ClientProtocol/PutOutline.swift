import Wire

/// What can be told of a `kvPut` without copying its key and value.
package struct PutOutline: Sendable {
  /// Who asks; 0 is anonymous.
  package let principal: UInt64
  /// The bytes of the key.
  package let keySize: Int
  /// The bytes of the value.
  package let valueSize: Int

  /// The outline of a command; nil unless it is a well-formed `kvPut` of the known place.
  package init?(of command: [UInt8], at known: KnownPlace) {
    var reader = ByteReader(command)
    do {
      guard try reader.read(UInt16.self) == Command.version else { return nil }
      principal = try reader.read()
      guard try reader.read(UInt8.self) == Command.Operation.kvPutNumber,
        reader.skip(ifNext: known.bytes)
      else { return nil }
      keySize = Int(try reader.read(UInt16.self))
      try reader.skip(keySize)
      valueSize = Int(try reader.read(UInt32.self))
      try reader.skip(valueSize)
      try reader.expectEnd()
    } catch {
      return nil
    }
  }
}
