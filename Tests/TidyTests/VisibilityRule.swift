/// Nothing is `public` without a user outside this package (style §5).
enum VisibilityRule {
  static func violations(in file: SourceFile) -> [Violation] {
    guard let room = file.room, !House.publicRooms.contains(room) else { return [] }
    return file.tokens.indices.filter {
      file.text($0) != "package" && DocumentationRule.isVisibleDeclaration(file, $0)
        || file.reads(["public", "import"], at: $0)
    }.map {
      file.violation("visibility", line: file.tokens[$0].line, "'\(file.text($0))' in \(room)")
    }
  }
}
