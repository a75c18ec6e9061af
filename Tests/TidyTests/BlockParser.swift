/// Finds the blocks of a file and says what each is, from the keyword that leads to its brace.
struct BlockParser {
  private(set) var blocks: [Block] = []

  /// A declaration whose opening brace has not come yet.
  private struct Head {
    let kind: Block.Kind
    let name: String
    let start: Int
  }

  /// An open brace (with its block) or an open parenthesis or bracket (without one).
  private struct Frame {
    let block: Int?
    var head: Head?
  }

  private let tokens: [Token]
  private var frames = [Frame(block: nil, head: nil)]

  init(_ tokens: [Token]) {
    self.tokens = tokens
    for index in tokens.indices where tokens[index].kind != .string { read(index) }
  }

  private mutating func read(_ index: Int) {
    let token = tokens[index]
    switch token.text {
    case "{": open(index)
    case "(", "[": frames.append(Frame(block: nil, head: nil))
    case "}", ")", "]": close(index)
    case "=": if top.head?.kind != .control { frames[frames.count - 1].head = nil }
    default: if token.kind == .word { readWord(index) }
    }
  }

  private var top: Frame { frames[frames.count - 1] }

  private mutating func readWord(_ index: Int) {
    let previous = index > 0 ? tokens[index - 1].text : ""
    let next = index + 1 < tokens.count ? tokens[index + 1] : nil
    guard previous != ".", previous != "#", next?.text != ":" else { return }
    switch tokens[index].text {
    case "if", "else", "for", "switch", "do", "catch", "repeat":
      setHead(.control, index)
    case "while":
      if previous != "}" || !endsRepeat(index - 1) { setHead(.control, index) }
    case "struct", "class", "enum", "extension", "protocol", "actor", "precedencegroup":
      if let next, next.kind == .word, !isPartOfDeclaration(next.text) {
        setHead(.type, index, name: typeName(after: index))
      }
    case "func":
      setHead(.function, index, name: next?.text ?? "")
    case "init", "subscript", "deinit":
      setHead(.function, index, name: tokens[index].text)
    case "var", "let":
      if isInType { setHead(.function, index, name: next?.text ?? "") }
    default: break
    }
  }

  /// `class func` and `class var` declare no class.
  private func isPartOfDeclaration(_ text: String) -> Bool {
    ["func", "var", "let", "subscript", "override", "final"].contains(text)
  }

  private func typeName(after index: Int) -> String {
    var name = tokens[index + 1].text
    var position = index + 2
    while position + 1 < tokens.count, tokens[position].text == "." {
      name += "." + tokens[position + 1].text
      position += 2
    }
    return name
  }

  /// Whether a declaration here is a member or stands at the top of the file.
  private var isInType: Bool {
    guard let block = top.block else { return frames.count == 1 }
    return blocks[block].kind == .type
  }

  /// Whether the brace at `index` closed the body of a `repeat`.
  private func endsRepeat(_ index: Int) -> Bool {
    blocks.contains { $0.close == index && tokens[$0.start].text == "repeat" }
  }

  private mutating func setHead(_ kind: Block.Kind, _ index: Int, name: String = "") {
    frames[frames.count - 1].head = Head(kind: kind, name: name, start: index)
  }

  private mutating func open(_ index: Int) {
    let head = top.head
    frames[frames.count - 1].head = nil
    let parent = frames.last { $0.block != nil }?.block
    let kind = head?.kind ?? .closure
    var depth = 0
    if kind != .function, kind != .type, let parent { depth = blocks[parent].controlDepth }
    if kind == .control { depth += 1 }
    let block = Block(
      kind: kind,
      name: head?.name ?? "",
      start: head?.start ?? index,
      open: index,
      close: tokens.count - 1,
      controlDepth: depth,
      parent: parent
    )
    blocks.append(block)
    frames.append(Frame(block: blocks.count - 1, head: nil))
  }

  private mutating func close(_ index: Int) {
    guard frames.count > 1 else { return }
    if let block = frames.removeLast().block { blocks[block].close = index }
  }
}
