package import Wire

extension ByteReader {
  /// Reads the bytes of an id or key behind their 16-bit size; the rules for ids come later.
  package mutating func readKey() throws(WireError) -> [UInt8] {
    try readRaw(Int(try read(UInt16.self)))
  }

  /// Reads an id or key where size 0 stands for none.
  package mutating func readOptionalKey() throws(WireError) -> [UInt8]? {
    let key = try readKey()
    return key.isEmpty ? nil : key
  }

  /// Reads a document or value behind its 32-bit size.
  package mutating func readDocument() throws(WireError) -> [UInt8] {
    try readBlob(max: Limits.frameSizeMax)
  }

  /// Reads all that is left.
  package mutating func readRest() throws(WireError) -> [UInt8] {
    try readRaw(remaining)
  }
}
