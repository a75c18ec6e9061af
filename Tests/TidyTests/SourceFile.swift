extension String {
  /// The text without the spaces it is indented by.
  var trimmed: Substring { drop { $0 == " " } }
}

/// A Swift file of the repository, read and cut into tokens.
struct SourceFile: Sendable {
  /// The path from the top of the repository.
  let path: String
  let lines: [String]
  let tokens: [Token]
  let comments: [Comment]
  let blocks: [Block]

  init(path: String, text: String) {
    self.path = path
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let scanner = SwiftScanner(text)
    tokens = scanner.tokens
    comments = scanner.comments
    blocks = BlockParser(scanner.tokens).blocks
  }

  /// The file's name without folder and ending.
  var name: String {
    String(path.split(separator: "/").last?.dropLast(".swift".count) ?? "")
  }

  /// The room it belongs to, or nil for a file that does not ship.
  var room: String? {
    let folders = path.split(separator: "/").map(String.init)
    if folders[0] == "Jepsen-style" {
      return folders[1] == "Main" ? "LockstepJepsen" : "JepsenHarness"
    }
    return folders[0] == "Sources" && folders.count > 2 ? folders[1] : nil
  }

  var isTest: Bool { path.hasPrefix("Tests/") }

  func violation(_ rule: String, line: Int, _ message: String) -> Violation {
    Violation(path: path, line: line, rule: rule, message: message)
  }

  /// The text of the token at a position, or "" beyond either end.
  func text(_ position: Int) -> String {
    tokens.indices.contains(position) ? tokens[position].text : ""
  }

  /// Whether the tokens from a position on read as these texts.
  func reads(_ texts: [String], at position: Int) -> Bool {
    guard position >= 0, position + texts.count <= tokens.count else { return false }
    return zip(tokens[position...], texts).allSatisfy { $0.text == $1 }
  }

  /// The position behind the bracket that closes the one at `position`.
  func end(ofBracketAt position: Int) -> Int {
    var depth = 0
    for index in position..<tokens.count where tokens[index].kind == .sign {
      if ["(", "[", "{"].contains(tokens[index].text) { depth += 1 }
      if [")", "]", "}"].contains(tokens[index].text) { depth -= 1 }
      if depth == 0 { return index + 1 }
    }
    return tokens.count
  }
}
