/// A file of `key = value` lines, one flag each; `#` begins a comment.
struct ConfigurationFile: Sendable {
  struct Entry: Sendable {
    let value: String
    let line: Int
  }

  let path: String
  private(set) var entries: [String: Entry] = [:]

  /// Reads the text; a key that no command knows is refused, with the nearest that one does.
  init(path: String, text: String, knownKeys: [String]) throws(CommandFailure) {
    self.path = path
    for (offset, raw) in text.lines.enumerated() {
      try read(raw, line: offset + 1, knownKeys)
    }
  }

  private mutating func read(
    _ raw: Substring,
    line: Int,
    _ knownKeys: [String]
  ) throws(CommandFailure) {
    let content = Self.trimmed(raw)
    guard !content.isEmpty, !content.hasPrefix("#") else { return }
    let parts = content.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else {
      throw .usage("\(path):\(line): '\(content)' is no 'key = value'")
    }
    let key = String(Self.trimmed(parts[0]))
    guard knownKeys.contains(key) else {
      let hint = Suggestion.nearest(to: key, among: knownKeys).map { "did you mean '\($0)'?" }
      throw .usage("\(path):\(line): no flag is called '\(key)'", hint: hint)
    }
    guard entries[key] == nil else {
      throw .usage("\(path):\(line): '\(key)' is set twice")
    }
    entries[key] = Entry(value: String(Self.unquoted(Self.trimmed(parts[1]))), line: line)
  }

  private static func trimmed(_ text: Substring) -> Substring {
    let start = text.drop { $0.isWhitespace }
    let end = start.lastIndex { !$0.isWhitespace }
    return end.map { start[...$0] } ?? start[start.endIndex...]
  }

  private static func unquoted(_ text: Substring) -> Substring {
    guard text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return text }
    return text.dropFirst().dropLast()
  }
}
