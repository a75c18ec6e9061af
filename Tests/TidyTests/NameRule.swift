/// A file is named after its one type, an extension file after its chapter (style §1).
///
/// A chapter `A+Wire.swift` extends `A`, or another type that lives in `A.swift`. Free to choose
/// are a file of functions alone, and in tests a file of fixtures without a test case.
enum NameRule {
  static func violations(in files: [SourceFile]) -> [Violation] {
    files.filter(isNamed).compactMap { file in
      let parts = file.name.split(separator: "+", maxSplits: 1).map(String.init)
      guard parts.count > 1 else {
        guard !declares(parts[0], file) else { return nil }
        return file.violation("file-name", line: 1, "declares no \(parts[0])")
      }
      let home = file.path.dropLast("\(file.name).swift".count) + "\(parts[0]).swift"
      let neighbours = files.first { $0.path == home }?.blocks.filter { $0.kind == .type } ?? []
      let subjects = Set([parts[0]] + neighbours.map(\.name))
      guard !declaresExtension(of: subjects, file) else { return nil }
      return file.violation("file-name", line: 1, "extends nothing of \(parts[0]).swift")
    }
  }

  private static func isNamed(_ file: SourceFile) -> Bool {
    let types = file.blocks.filter { $0.kind == .type }
    if file.isTest { return types.contains { isTestCase(file, $0) } }
    return file.path != "Package.swift" && !types.isEmpty
  }

  private static func isTestCase(_ file: SourceFile, _ type: Block) -> Bool {
    (type.start..<type.open).contains { file.text($0).hasSuffix("TestCase") }
  }

  private static func declares(_ name: String, _ file: SourceFile) -> Bool {
    file.blocks.contains { $0.kind == .type && $0.name == name }
      || file.tokens.indices.contains { file.reads(["typealias", name], at: $0) }
  }

  private static func declaresExtension(of subjects: Set<String>, _ file: SourceFile) -> Bool {
    file.blocks.contains { block in
      guard block.kind == .type, file.text(block.start) == "extension" else { return false }
      return block.name.split(separator: ".").contains { subjects.contains(String($0)) }
    }
  }
}
