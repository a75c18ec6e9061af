/// Takes what is secret out of a line before it is passed on.
///
/// Rather too much than too little: a line in a form that it does not know loses its rest.
enum Redaction {
  private static let names = [
    "password", "passwd", "passphrase", "secret", "token", "authorization", "credential", "cookie",
    "api_key", "api-key", "apikey", "private_key", "private-key",
  ]
  /// Names of values that may have blanks in them.
  private static let openEnded = ["authorization", "cookie", "credential"]
  /// Words that stand before the rest of a secret.
  private static let schemes = ["bearer", "basic", "digest", "negotiate"]
  private static let hidden = "***"
  /// What ends a value without quotes.
  private static let ends: Set<Character> = [" ", "\t", "\"", "'", "\\"]

  /// The line without the credentials of URLs and the values of names that stand for secrets.
  static func line(_ line: String) -> String {
    var rest = withoutCredentials(line)[...]
    var kept = ""
    while let first = rest.first {
      guard isNamePart(first) else {
        kept.append(rest.removeFirst())
        continue
      }
      let name = rest.prefix(while: isNamePart)
      rest = rest[name.endIndex...]
      kept += name
      if name.lowercased() == "bearer" {
        hideWord(&rest, &kept)
      } else if names.contains(where: { name.lowercased().contains($0) }) {
        hideValue(&rest, &kept, toItsEnd: openEnded.contains { name.lowercased().contains($0) })
      }
    }
    return kept
  }

  private static func isNamePart(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || "_-.".contains(character)
  }

  /// Hides the word behind `Bearer`.
  private static func hideWord(_ rest: inout Substring, _ kept: inout String) {
    let blanks = rest.prefix { $0 == " " }
    let word = rest.dropFirst(blanks.count).prefix { !ends.contains($0) }
    guard !blanks.isEmpty, !word.isEmpty else { return }
    kept += blanks + hidden
    rest = rest[word.endIndex...]
  }

  /// Hides what stands behind a name and a sign, in whatever quotes.
  private static func hideValue(
    _ rest: inout Substring,
    _ kept: inout String,
    toItsEnd isOpenEnded: Bool
  ) {
    let quote = rest.prefix { "\\\"'".contains($0) }
    let sign = rest.dropFirst(quote.count).drop(while: \.isWhitespace)
    guard sign.first == "=" || sign.first == ":" else { return }
    let value = sign.drop { "=:>".contains($0) || $0.isWhitespace }
    kept += rest[..<value.startIndex]
    rest = value
    guard let first = value.first else { return }
    switch first {
    case "\"", "'": hideQuoted(String(first), &rest, &kept)
    case "\\": hideQuoted(String(value.prefix(2)), &rest, &kept)
    case "{", "[":
      kept += hidden
      rest = ""
    default:
      let word = value.prefix { !ends.contains($0) }
      let isScheme = isOpenEnded || word.isEmpty || schemes.contains(word.lowercased())
      let isInText = !kept.count { $0 == "\"" }.isMultiple(of: 2)
      rest =
        isScheme
        ? value.drop { $0 != "\"" && $0 != "\\" } : behindValue(value, isInText: isInText)
      kept += hidden
    }
  }

  /// What stands behind a value without quotes: the next name with its sign, or the end of the text
  /// that all of it stands in.
  private static func behindValue(_ value: Substring, isInText: Bool) -> Substring {
    var rest = value
    while let first = rest.first {
      if isInText, first == "\"" || first == "\\" { break }
      if first.isWhitespace {
        let next = rest.dropFirst()
        let sign = next.drop(while: isNamePart)
        if sign.startIndex > next.startIndex, sign.first == "=" || sign.first == ":" { break }
      }
      rest.removeFirst()
    }
    return rest
  }

  /// Hides everything up to the same quote; without one, the rest of the line.
  private static func hideQuoted(
    _ quote: String,
    _ rest: inout Substring,
    _ kept: inout String
  ) {
    kept += quote + hidden
    rest = rest.dropFirst(quote.count)
    while !rest.isEmpty, !rest.hasPrefix(quote) {
      // Behind a backslash a quote is part of the value, unless both together are the quote.
      rest = rest.dropFirst(rest.first == "\\" ? 2 : 1)
    }
  }

  /// `lockstep://user:pass@host` becomes `lockstep://***@host`.
  private static func withoutCredentials(_ line: String) -> String {
    var rest = line[...]
    var kept = ""
    while let scheme = rest.firstRange(of: "://") {
      kept += rest[..<scheme.upperBound]
      rest = rest[scheme.upperBound...]
      let authority = rest.prefix { !"/?\" ".contains($0) }
      guard let sign = authority.lastIndex(of: "@") else { continue }
      kept += hidden
      rest = rest[sign...]
    }
    return kept + rest
  }
}
