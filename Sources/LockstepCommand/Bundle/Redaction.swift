/// Takes what is secret out of a line before it is passed on.
enum Redaction {
  private static let names = ["password", "passwd", "secret", "token", "authorization", "api_key"]
  private static let hidden = "***"

  /// The line without the credentials of URLs and the values of names that stand for secrets.
  static func line(_ line: String) -> String {
    var isNamed = false
    var words: [String] = []
    for part in line.split(separator: " ", omittingEmptySubsequences: false) {
      let text = withoutCredentials(String(part))
      let sign = text.firstIndex { $0 == "=" || $0 == ":" }
      let name = sign.map { text[..<$0].lowercased() } ?? ""
      if isNamed, !text.isEmpty {
        words.append(hidden)
        isNamed = false
      } else if let sign, names.contains(where: { name.contains($0) }) {
        // `password: x` has its value in the next word.
        isNamed = text.index(after: sign) == text.endIndex
        words.append(isNamed ? text : text[...sign] + hidden)
      } else {
        words.append(text)
      }
    }
    return words.joined(separator: " ")
  }

  /// `lockstep://user:pass@host` becomes `lockstep://***@host`.
  private static func withoutCredentials(_ word: String) -> String {
    guard let scheme = word.firstRange(of: "://") else { return word }
    let rest = word[scheme.upperBound...]
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "\"" }
    guard let sign = authority.lastIndex(of: "@") else { return word }
    return word[..<scheme.upperBound] + hidden + rest[sign...]
  }
}
