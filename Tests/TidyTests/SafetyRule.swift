/// No traps on nil, no hidden sharing, no unmarked danger, nothing unfinished (style §2, §4, §5).
enum SafetyRule {
  static func violations(in file: SourceFile, decisions: String) -> [Violation] {
    var found = unfinished(in: file)
    guard file.room != nil else { return found }
    let isUnsafePlace = House.unsafePlaces.contains { file.path.hasPrefix($0) }
    for index in file.tokens.indices {
      let line = file.tokens[index].line
      if isForced(file, index) {
        found.append(file.violation("force", line: line, "'\(file.text(index - 1))!'"))
      }
      if file.reads(["unsafe"], at: index), !isUnsafePlace {
        found.append(file.violation("unsafe", line: line, "'unsafe' outside its places"))
      } else if file.reads(["unsafe"], at: index), !isExplained(file, index) {
        found.append(file.violation("unsafe", line: line, "no comment says why it is safe"))
      }
      if file.reads(["@", "unchecked"], at: index), !isDecided(file, decisions) {
        let message = "no decision record names \(file.name) and its '@unchecked Sendable'"
        found.append(file.violation("unchecked", line: line, message))
      }
    }
    return found
  }

  /// `x!`, `try!`, `as!` and `T!`: an exclamation mark that follows something without a space.
  private static func isForced(_ file: SourceFile, _ index: Int) -> Bool {
    let token = file.tokens[index]
    guard index > 0, token.text == "!", token.kind == .sign, !token.isSpacedBefore else {
      return false
    }
    let previous = file.tokens[index - 1]
    return previous.kind != .sign || [")", "]", "}", ">", "?", "!"].contains(previous.text)
  }

  /// Whether a comment stands above the use, within its function or over it.
  private static func isExplained(_ file: SourceFile, _ index: Int) -> Bool {
    let line = file.tokens[index].line
    let function = file.blocks.last {
      $0.kind == .function && $0.start <= index && index <= $0.close
    }
    var top = function.map { file.tokens[$0.start].line } ?? line
    while top >= 2, ["@", "//"].contains(where: file.lines[top - 2].trimmed.hasPrefix) { top -= 1 }
    return file.comments.contains { top <= $0.line && $0.line <= line }
  }

  private static func isDecided(_ file: SourceFile, _ decisions: String) -> Bool {
    let subject = String(file.name.prefix { $0 != "+" })
    return decisions.contains("@unchecked Sendable") && decisions.contains(subject)
  }

  private static func unfinished(in file: SourceFile) -> [Violation] {
    let notes = file.comments.filter { comment in
      let words = comment.text.split { !$0.isLetter }
      return words.contains { $0 == "TODO" || $0 == "FIXME" } && !namesIssue(comment.text)
    }
    let stubs = file.tokens.indices.filter { index in
      guard file.reads(["fatalError", "("], at: index) else { return false }
      let message = file.text(index + 2).dropFirst().lowercased()
      return message.hasPrefix("unimplemented") || message.hasPrefix("not implemented")
        || message.hasPrefix("not yet")
    }
    return notes.map { file.violation("unfinished", line: $0.line, "no issue number") }
      + stubs.map { file.violation("unfinished", line: file.tokens[$0].line, "a stub") }
  }

  private static func namesIssue(_ text: String) -> Bool {
    zip(text, text.dropFirst()).contains { $0 == "#" && $1.isNumber }
  }
}
