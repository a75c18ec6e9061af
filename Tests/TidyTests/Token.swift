/// A piece of Swift source: a word, a literal, or one sign.
struct Token: Equatable, Sendable {
  enum Kind: Equatable, Sendable {
    case word
    case number
    /// A quote and the text behind it; interpolated code follows as tokens of its own.
    case string
    case sign
  }

  let kind: Kind
  let text: String
  let line: Int
  /// Whether white space, a comment or the start of the file stands before it.
  let isSpacedBefore: Bool
}

/// A comment with its marks, and the line on which it begins.
struct Comment: Equatable, Sendable {
  let text: String
  let line: Int
}
