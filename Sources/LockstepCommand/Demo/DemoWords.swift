/// Splits a line into words as a shell does: blanks between them, quotes hold together.
enum DemoWords {
  /// A line's words, whether it runs in the background, and the file that its output fills.
  struct Line: Equatable, Sendable {
    var words: [String] = []
    var isBackground = false
    var outputFile: String?
  }

  /// Reads a line; `#` begins a comment, `> FILE` names a file, `&` at the end sends it behind.
  static func split(_ text: String) throws(CommandFailure) -> Line {
    var line = Line()
    var tokens = try tokens(of: text)
    if case .sign("&") = tokens.last {
      line.isBackground = true
      tokens.removeLast()
    }
    var rest = tokens[...]
    while let token = rest.popFirst() {
      switch token {
      case .word(let word): line.words.append(word)
      case .sign(">"):
        guard case .word(let file) = rest.popFirst(), line.outputFile == nil else {
          throw .usage("'>' needs one file behind it")
        }
        line.outputFile = file
      case .sign(let sign):
        throw .usage("'\(sign)' may stand only at the end of a line")
      }
    }
    return line
  }

  private enum Token {
    case word(String)
    case sign(Character)
  }

  private static func tokens(of text: String) throws(CommandFailure) -> [Token] {
    var tokens: [Token] = []
    var word: String?
    var rest = Array(text)[...]
    func finish() {
      if let done = word { tokens.append(.word(done)) }
      word = nil
    }
    while let character = rest.popFirst() {
      switch character {
      case "'", "\"":
        word = (word ?? "") + (try quoted(by: character, from: &rest))
      case "&", ">":
        finish()
        tokens.append(.sign(character))
      case "#" where word == nil:
        return tokens
      default:
        if character.isWhitespace { finish() } else { word = (word ?? "") + String(character) }
      }
    }
    finish()
    return tokens
  }

  /// The text up to the closing quote; within double quotes a backslash spares the next.
  private static func quoted(
    by quote: Character,
    from rest: inout ArraySlice<Character>
  ) throws(CommandFailure) -> String {
    var text = ""
    while let character = rest.popFirst() {
      if character == quote { return text }
      if character == "\\", quote == "\"", let spared = rest.popFirst() {
        text.append(spared)
      } else {
        text.append(character)
      }
    }
    throw .usage("the quote \(quote) is never closed")
  }
}
