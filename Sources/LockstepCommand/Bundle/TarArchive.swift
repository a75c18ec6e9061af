/// Files in one, in the form that every `tar` reads (POSIX ustar).
struct TarArchive {
  private static let blockSize = 512
  private static let nameSizeMax = 100

  private(set) var bytes: [UInt8] = []
  private let seconds: UInt64

  /// An empty archive whose files were all made at that time, in seconds since 1970.
  init(seconds: UInt64) {
    self.seconds = seconds
  }

  /// Adds a file; the name has at most 100 bytes, all of ASCII.
  mutating func add(_ name: String, _ content: [UInt8]) {
    bytes += header(of: name, size: content.count)
    bytes += content
    pad()
  }

  /// The whole archive.
  consuming func finished() -> [UInt8] {
    bytes += [UInt8](repeating: 0, count: 2 * Self.blockSize)
    return bytes
  }

  private mutating func pad() {
    let rest = bytes.count % Self.blockSize
    if rest > 0 { bytes += [UInt8](repeating: 0, count: Self.blockSize - rest) }
  }

  private func header(of name: String, size: Int) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: Self.blockSize)
    func put(_ text: String, at offset: Int) {
      for (place, byte) in text.utf8.enumerated() { block[offset + place] = byte }
    }
    put(String(decoding: name.utf8.prefix(Self.nameSizeMax), as: UTF8.self), at: 0)
    put("0000644", at: 100)
    put("0000000", at: 108)
    put("0000000", at: 116)
    put(Self.octal(UInt64(size), digits: 11), at: 124)
    put(Self.octal(seconds, digits: 11), at: 136)
    // The checksum counts its own place as blanks.
    put("        ", at: 148)
    put("0", at: 156)
    put("ustar", at: 257)
    put("00", at: 263)
    let sum = block.reduce(UInt64(0)) { $0 + UInt64($1) }
    put(Self.octal(sum, digits: 6) + "\0 ", at: 148)
    return block
  }

  private static func octal(_ number: UInt64, digits: Int) -> String {
    let text = String(number, radix: 8)
    return String(repeating: "0", count: max(0, digits - text.count)) + text.suffix(digits)
  }
}
