/// Every declaration that says `package` or `public` has a doc comment, and so has every case of
/// such an enum (style §3), but for `package` initializers that only repeat the properties.
enum DocumentationRule {
  static func violations(in file: SourceFile) -> [Violation] {
    let declared = file.tokens.indices.filter { index in
      isVisibleDeclaration(file, index)
        && !(file.text(index) == "package" && SizeRule.isMemberwise(file, index + 1))
    }
    let cases = file.blocks.filter { isVisibleEnum(file, $0) }.flatMap { casesOf($0, file) }
    return (declared + cases).filter { !isDocumented(file, line: file.tokens[$0].line) }.map {
      file.violation("documentation", line: file.tokens[$0].line, "no doc comment")
    }
  }

  private static let visible = ["package", "public", "open"]

  /// Words that may follow a visibility in a declaration; `import` and `extension` need no comment.
  private static let declaring: Set<String> = [
    "func", "var", "let", "struct", "class", "enum", "protocol", "actor", "init", "subscript",
    "typealias", "static", "mutating", "nonmutating", "final", "indirect", "override", "lazy",
    "convenience", "required", "weak", "unowned", "nonisolated", "consuming", "borrowing",
    "prefix", "postfix", "infix", "private", "internal", "package", "isolated",
  ]

  static func isVisibleDeclaration(_ file: SourceFile, _ index: Int) -> Bool {
    file.tokens[index].kind == .word && visible.contains(file.text(index))
      && declaring.contains(file.text(index + 1)) && file.text(index - 1) != "."
  }

  private static func isVisibleEnum(_ file: SourceFile, _ block: Block) -> Bool {
    guard block.kind == .type, file.text(block.start) == "enum" else { return false }
    let before = [file.text(block.start - 1), file.text(block.start - 2)]
    return visible.contains(before[0]) || before[0] == "indirect" && visible.contains(before[1])
  }

  /// The `case` words that stand in the enum's body itself.
  private static func casesOf(_ block: Block, _ file: SourceFile) -> [Int] {
    var found: [Int] = []
    var index = block.open + 1
    while index < block.close {
      if ["(", "[", "{"].contains(file.text(index)), file.tokens[index].kind == .sign {
        index = file.end(ofBracketAt: index)
      } else {
        if file.reads(["case"], at: index) { found.append(index) }
        index += 1
      }
    }
    return found
  }

  /// Whether a doc comment ends above the line, attributes between them left out.
  private static func isDocumented(_ file: SourceFile, line: Int) -> Bool {
    var index = line - 2
    while index >= 0 {
      let text = file.lines[index].trimmed
      if !text.hasPrefix("@") { return text.hasPrefix("///") || text.hasSuffix("*/") }
      index -= 1
    }
    return false
  }
}
