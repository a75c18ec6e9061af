/// Strings: copied in runs, escapes in between.
extension JSONReader {
  /// Appends the characters of the string whose opening quote stands at `position`.
  mutating func stringCharacters() throws(BSONError) {
    let start = position
    var run = position + 1
    var next = run
    while next < text.count {
      let byte = text[next]
      if byte == UInt8(ascii: "\"") {
        out.append(contentsOf: text[run..<next])
        position = next + 1
        return
      }
      if byte == UInt8(ascii: "\\") {
        out.append(contentsOf: text[run..<next])
        position = next
        try escape()
        run = position
        next = run
        continue
      }
      guard byte >= 0x20 else {
        throw failure("an escape (\\n, \\t, \\u0000 …) for a control character", at: next)
      }
      next += 1
    }
    throw failure("a closing quote for the string that begins at \(placeText(start))", at: next)
  }

  private func placeText(_ offset: Int) -> String {
    BSONPlace.text(at: offset, in: text).description
  }

  private mutating func escape() throws(BSONError) {
    let start = position
    position += 2
    let letter = start + 1 < text.count ? text[start + 1] : 0
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(letter)
    case UInt8(ascii: "b"): out.append(0x08)
    case UInt8(ascii: "f"): out.append(0x0C)
    case UInt8(ascii: "n"): out.append(0x0A)
    case UInt8(ascii: "r"): out.append(0x0D)
    case UInt8(ascii: "t"): out.append(0x09)
    case UInt8(ascii: "u"): try unicodeEscape(at: start)
    default: throw failure("one of \" \\ / b f n r t u after a backslash", at: start + 1)
    }
  }

  /// Reads four hexadecimal digits, and the second half of a surrogate pair.
  private mutating func unicodeEscape(at start: Int) throws(BSONError) {
    let first = try fourDigits()
    var code = UInt32(first)
    if (0xD800..<0xDC00).contains(first), peek == UInt8(ascii: "\\"),
      position + 1 < text.count, text[position + 1] == UInt8(ascii: "u")
    {
      position += 2
      let second = try fourDigits()
      guard (0xDC00..<0xE000).contains(second) else {
        throw failure("the second half of a surrogate pair", at: start + 6)
      }
      code = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else {
      throw failure("a whole surrogate pair, not a half", at: start)
    }
    out.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
  }

  private mutating func fourDigits() throws(BSONError) -> UInt16 {
    var code: UInt16 = 0
    for _ in 0..<4 {
      guard let digit = Hexadecimal.value(of: peek) else {
        throw failure("four hexadecimal digits")
      }
      code = code << 4 | UInt16(digit)
      position += 1
    }
    return code
  }
}
