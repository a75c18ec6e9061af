/// A room imports what stands behind its doors, and no more of the system than it needs.
enum DoorRule {
  static func violations(in file: SourceFile) -> [Violation] {
    guard let name = file.room else { return [] }
    guard let room = House.room(name) else {
      return [file.violation("doors", line: 1, "\(name) is no room of the house")]
    }
    let allowed = Set(room.doors + room.system)
    return imports(of: file).filter { !allowed.contains($0.module) }.map {
      file.violation("doors", line: $0.line, "\(name) has no door to \($0.module)")
    }
  }

  private static let kinds: Set<String> = [
    "struct", "class", "enum", "protocol", "func", "var", "let", "typealias",
  ]

  private static func imports(of file: SourceFile) -> [(module: String, line: Int)] {
    file.tokens.indices.filter { file.reads(["import"], at: $0) }.map { index in
      let next = file.text(index + 1)
      let module = kinds.contains(next) ? file.text(index + 2) : next
      return (module, file.tokens[index].line)
    }
  }

  /// The doors that Package.swift opens, by room.
  static func doors(declaredIn package: SourceFile) -> [String: [String]] {
    var doors: [String: [String]] = [:]
    for index in package.tokens.indices {
      let isRoom = package.reads(["room", "("], at: index)
      let isTarget =
        package.reads(["target", "(", "name", ":"], at: index)
        || package.reads(["executableTarget", "(", "name", ":"], at: index)
        || package.reads(["systemLibrary", "(", "name", ":"], at: index)
      guard isRoom || isTarget, package.text(index - 1) != "func" else { continue }
      let name = index + (isRoom ? 2 : 4)
      guard package.tokens[name].kind == .string else { continue }
      doors[String(package.text(name).dropFirst())] = listedNames(package, index + 1)
    }
    return doors
  }

  /// The names in the first list of strings within the call whose parenthesis is at `open`.
  private static func listedNames(_ package: SourceFile, _ open: Int) -> [String] {
    let call = open..<package.end(ofBracketAt: open)
    let labels = ["opensOnto", "dependencies"]
    let label = call.first {
      labels.contains(package.text($0)) && package.reads([":", "["], at: $0 + 1)
    }
    guard let label else { return [] }
    let list = label + 2..<package.end(ofBracketAt: label + 2)
    return list.filter { package.tokens[$0].kind == .string }.map {
      String(package.text($0).dropFirst())
    }
  }
}
