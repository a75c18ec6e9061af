/// Pure rooms take no order from a Dictionary or Set: it differs with every process (style §5).
///
/// Without types this is a guess by names: what the file, or another chapter of the same type,
/// declares as `[K: V]`, `Dictionary<…>` or `Set<…>` may not be iterated unless the same
/// expression sorts it or asks something that no order changes.
enum OrderRule {
  static func violations(in files: [SourceFile]) -> [Violation] {
    let pure = files.filter { file in file.room.flatMap(House.room)?.isPure ?? false }
    let subjects = Dictionary(grouping: pure) { file in
      "\(file.room ?? "")/\(file.name.prefix { $0 != "+" })"
    }
    return subjects.sorted { $0.key < $1.key }.flatMap { violations(inChapters: $0.value) }
  }

  private static func violations(inChapters files: [SourceFile]) -> [Violation] {
    let names = files.reduce(into: Set<String>()) { $0.formUnion(unorderedNames(in: $1)) }
    return files.flatMap { file in
      let loops = Set(file.blocks.compactMap { sequenceOfLoop($0, file) })
      return file.tokens.indices.filter { index in
        file.tokens[index].kind == .word && names.contains(file.text(index))
          && file.text(index + 1) != ":" && isIterated(file, index, loops)
      }.map {
        let message = "iterates '\(file.text($0))', which has no order"
        return file.violation("order", line: file.tokens[$0].line, message)
      }
    }
  }

  // MARK: Declarations

  static func unorderedNames(in file: SourceFile) -> Set<String> {
    var names: Set<String> = []
    for index in file.tokens.indices where file.tokens[index].kind == .word {
      let sign = file.text(index + 1)
      if file.text(index) == "func", let result = resultType(file, index) {
        if isUnorderedType(file, result) { names.insert(file.text(index + 1)) }
      } else if sign == ":" || sign == "=" {
        let isInout = file.reads(["inout"], at: index + 2)
        if isUnorderedType(file, index + (isInout ? 3 : 2)) { names.insert(file.text(index)) }
      }
    }
    return names
  }

  private static func resultType(_ file: SourceFile, _ index: Int) -> Int? {
    var position = index + 2
    while position < file.tokens.count, file.text(position) != "{", file.text(position) != "func" {
      if file.text(position) == "->" { return position + 1 }
      position = file.text(position) == "(" ? file.end(ofBracketAt: position) : position + 1
    }
    return nil
  }

  private static func isUnorderedType(_ file: SourceFile, _ index: Int) -> Bool {
    if ["Set", "Dictionary"].contains(file.text(index)) { return file.text(index + 1) == "<" }
    guard file.reads(["["], at: index) else { return false }
    let inside = index + 1..<file.end(ofBracketAt: index) - 1
    let isType = inside.allSatisfy { position in
      let token = file.tokens[position]
      let isTypeName = token.text.first?.isUppercase ?? false || token.text == "any"
      return token.kind == .sign || token.kind == .word && isTypeName
    }
    var depth = 0
    for position in inside {
      if ["[", "(", "<"].contains(file.text(position)) { depth += 1 }
      if ["]", ")", ">"].contains(file.text(position)) { depth -= 1 }
      if file.text(position) == ":", depth == 0, isType { return true }
    }
    return false
  }

  // MARK: Uses

  /// Members that keep having no order.
  private static let unordered: Set<String> = [
    "keys", "values", "filter", "mapValues", "compactMapValues", "lazy", "union", "subtracting",
    "intersection",
  ]
  /// Members whose result shows the order.
  private static let revealing: Set<String> = [
    "map", "compactMap", "flatMap", "forEach", "reduce", "first", "enumerated", "prefix",
    "dropFirst", "dropLast", "joined", "makeIterator", "popFirst", "removeFirst", "randomElement",
  ]

  private static func isIterated(_ file: SourceFile, _ index: Int, _ loops: Set<Int>) -> Bool {
    var isRevealed = false
    var position = skipCall(file, index + 1)
    while file.text(position) == "." {
      let member = file.text(position + 1)
      if revealing.contains(member) {
        isRevealed = true
      } else if !unordered.contains(member) {
        // `sorted`, `count`, `contains` and the like; only after a revealing one it matters.
        return isRevealed && !["sorted", "count", "isEmpty", "max", "min"].contains(member)
      }
      position = skipCall(file, position + 2)
    }
    // A subscript looks one element up.
    guard file.text(position) != "[" else { return isRevealed }
    let start = chainStart(file, index)
    return isRevealed || loops.contains(start) || file.reads(["Array", "("], at: start - 2)
  }

  /// The position behind call parentheses, trailing closures and optional marks.
  private static func skipCall(_ file: SourceFile, _ index: Int) -> Int {
    var position = index
    while true {
      let text = file.text(position)
      if text == "?" && !file.tokens[position].isSpacedBefore {
        position += 1
      } else if text == "(" || text == "{" && closesChain(file, position) {
        position = file.end(ofBracketAt: position)
      } else {
        return position
      }
    }
  }

  /// Whether the brace is a trailing closure and not the body of a loop or condition.
  private static func closesChain(_ file: SourceFile, _ index: Int) -> Bool {
    file.blocks.contains { $0.open == index && $0.kind == .closure }
  }

  /// The first token of `a.b.name`.
  private static func chainStart(_ file: SourceFile, _ index: Int) -> Int {
    var start = index
    while start >= 2, file.text(start - 1) == "." { start -= 2 }
    return start
  }

  /// The first token of what a `for` loop goes through.
  private static func sequenceOfLoop(_ block: Block, _ file: SourceFile) -> Int? {
    guard block.kind == .control, file.text(block.start) == "for" else { return nil }
    return (block.start..<block.open).first { file.reads(["in"], at: $0) }.map { $0 + 1 }
  }
}
