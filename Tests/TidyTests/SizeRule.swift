/// Sizes of files, lines, functions, parameter lists and nesting (style §2).
enum SizeRule {
  static let fileLinesMax = 400
  static let testFileLinesMax = 600
  static let lineColumnsMax = 100
  static let functionLinesMax = 60
  static let parametersMax = 5
  static let nestingMax = 3

  static func violations(in file: SourceFile) -> [Violation] {
    lengths(in: file) + functions(in: file) + nesting(in: file)
  }

  private static func lengths(in file: SourceFile) -> [Violation] {
    var found: [Violation] = []
    let count = file.lines.last == "" ? file.lines.count - 1 : file.lines.count
    let max = file.isTest ? testFileLinesMax : fileLinesMax
    if count > max {
      found.append(file.violation("file-length", line: max + 1, "\(count) lines, at most \(max)"))
    }
    for (index, line) in file.lines.enumerated() where line.count > lineColumnsMax {
      let message = "\(line.count) columns, at most \(lineColumnsMax)"
      found.append(file.violation("line-length", line: index + 1, message))
    }
    return found
  }

  /// A function counts from its keyword to its closing brace.
  private static func functions(in file: SourceFile) -> [Violation] {
    var found: [Violation] = []
    for block in file.blocks where block.kind == .function {
      let line = file.tokens[block.start].line
      let count = file.tokens[block.close].line - line + 1
      if count > functionLinesMax {
        let message = "\(block.name): \(count) lines, at most \(functionLinesMax)"
        found.append(file.violation("function-length", line: line, message))
      }
    }
    for index in file.tokens.indices {
      guard let count = parametersCount(in: file, at: index), count > parametersMax else {
        continue
      }
      let message = "\(count) parameters besides closures, at most \(parametersMax)"
      found.append(file.violation("parameters", line: file.tokens[index].line, message))
    }
    return found
  }

  /// The parameters of what a token declares, closures left out; nil where no limit holds.
  static func parametersCount(in file: SourceFile, at index: Int) -> Int? {
    let isFunction = file.reads(["func"], at: index)
    let isInit = file.reads(["init"], at: index) && file.text(index - 1) != "."
    guard isFunction || isInit || file.reads(["subscript"], at: index) else { return nil }
    var position = index + (isFunction ? 2 : 1)
    while position < file.tokens.count, file.text(position) != "(" {
      if file.text(position) == "{" { return nil }
      position += 1
    }
    let end = file.end(ofBracketAt: position) - 1
    guard position + 1 < end else { return 0 }
    let parameters = split(file, position + 1..<end)
    if isInit, isMemberwise(file, index) { return nil }
    return parameters.filter { !isClosure(file, $0) }.count
  }

  /// Whether an initializer only repeats the properties of its type, `self.a = a` for each.
  ///
  /// Such a list is as long as the type is wide; Swift's own is never visible to other rooms.
  static func isMemberwise(_ file: SourceFile, _ start: Int) -> Bool {
    guard file.text(start) == "init", file.text(start + 1) == "(",
      let body = file.blocks.first(where: { $0.start == start && $0.kind == .function })
    else { return false }
    let parameters = split(file, start + 2..<file.end(ofBracketAt: start + 1) - 1)
    let assigned = (body.open + 1..<body.close).filter { index in
      file.reads(["self", ".", file.text(index + 2), "=", file.text(index + 2)], at: index)
    }.map { file.text($0 + 2) }
    return body.close - body.open - 1 == assigned.count * 5
      && assigned.sorted() == parameters.map { file.text($0.lowerBound) }.sorted()
  }

  /// Splits at the commas that stand in no bracket, round, square or angled.
  private static func split(_ file: SourceFile, _ range: Range<Int>) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var depth = 0
    var start = range.lowerBound
    for index in range where file.tokens[index].kind == .sign {
      switch file.text(index) {
      case "(", "[", "{", "<": depth += 1
      case ")", "]", "}", ">": depth -= 1
      case "," where depth == 0:
        parts.append(start..<index)
        start = index + 1
      default: break
      }
    }
    return start < range.upperBound ? parts + [start..<range.upperBound] : parts
  }

  private static func isClosure(_ file: SourceFile, _ range: Range<Int>) -> Bool {
    range.contains { file.reads(["->"], at: $0) }
  }

  private static func nesting(in file: SourceFile) -> [Violation] {
    file.blocks.filter { $0.kind == .control && $0.controlDepth == nestingMax + 1 }.map {
      let message = "control blocks nested deeper than \(nestingMax)"
      return file.violation("nesting", line: file.tokens[$0.open].line, message)
    }
  }
}
