/// A file is named after its one type, an extension file after its chapter (style §1).
///
/// A chapter `A+Wire.swift` extends `A`, or another type that lives in `A.swift`.
enum NameRule {
  static func violations(in files: [SourceFile]) -> [Violation] {
    files.filter { $0.path != "Package.swift" && !$0.blocks.isEmpty }.compactMap { file in
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

  private static func declares(_ name: String, _ file: SourceFile) -> Bool {
    if file.blocks.contains(where: { $0.kind == .type && $0.name == name }) { return true }
    return file.tokens.indices.contains { index in
      let isFunction = file.reads(["func"], at: index)
      return file.reads(["typealias", name], at: index)
        || isFunction && file.text(index + 1).lowercased() == name.lowercased()
    }
  }

  private static func declaresExtension(of subjects: Set<String>, _ file: SourceFile) -> Bool {
    file.blocks.contains { block in
      guard block.kind == .type, file.text(block.start) == "extension" else { return false }
      return block.name.split(separator: ".").contains { subjects.contains(String($0)) }
    }
  }
}
