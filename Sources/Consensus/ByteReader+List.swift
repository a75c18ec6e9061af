package import Wire

extension ByteReader {
  /// Reads a list behind its count.
  package mutating func readList<Value: WireCodable>(
    max limit: Int
  ) throws(WireError) -> [Value] {
    let count = try readCount(max: limit)
    var values: [Value] = []
    for _ in 0..<count { values.append(try read()) }
    return values
  }
}

extension ByteWriter {
  /// Writes a list behind its count.
  package mutating func writeList<Value: WireCodable>(_ values: [Value]) {
    write(UInt32(values.count))
    for value in values { write(value) }
  }
}
