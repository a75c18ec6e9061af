/// One place where a file breaks a rule of `docs/style.md`.
struct Violation: Equatable, CustomStringConvertible {
  let path: String
  let line: Int
  let rule: String
  let message: String

  var description: String { "\(path):\(line): [\(rule)] \(message)" }
}
