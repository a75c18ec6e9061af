/// What stands between a pair of braces.
struct Block: Sendable {
  enum Kind: Sendable {
    case type
    /// A function, initializer, subscript or computed property.
    case function
    /// The body of `if`, `else`, `for`, `while`, `repeat`, `switch`, `do` or `catch`.
    case control
    case closure
  }

  let kind: Kind
  /// The name of the type or function, or "".
  let name: String
  /// The token at which the declaration begins: its keyword.
  let start: Int
  /// The token of the opening brace.
  let open: Int
  /// The token of the closing brace.
  var close: Int
  /// The number of control blocks of the same function around this one, itself included.
  let controlDepth: Int
  /// Where the enclosing block stands in the list of blocks.
  let parent: Int?
}
