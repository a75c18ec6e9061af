package import Wire

extension ByteWriter {
  /// Writes the bytes of an id or key behind their 16-bit size.
  ///
  /// A key that no size could state is cut to 65,535 bytes, which every node refuses as too large.
  package mutating func writeKey(_ key: [UInt8]) {
    let stated = key.prefix(Int(UInt16.max))
    write(UInt16(stated.count))
    writeRaw(stated)
  }

  /// Writes text of at most `limit` bytes, cut at the end of a character where it is longer.
  mutating func writeText(_ text: String, cutAt limit: Int) {
    guard text.utf8.count > limit else { return writeText(text) }
    var kept = ""
    for character in text.unicodeScalars {
      guard kept.utf8.count + UTF8.width(character) <= limit else { break }
      kept.unicodeScalars.append(character)
    }
    writeText(kept)
  }
}
