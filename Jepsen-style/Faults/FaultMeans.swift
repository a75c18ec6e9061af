import Glibc

/// What this machine has that some faults need.
package struct FaultMeans: Sendable {
  /// Whether there is a library that lies about the time.
  var hasClocks: Bool
  /// Whether there is a program that holds up system calls.
  var hasTracer = true
  /// Whether a small disk may be mounted.
  var isRoot: Bool

  /// What there is here.
  package static var here: FaultMeans {
    FaultMeans(
      hasClocks: Nemesis.canBendClocks,
      hasTracer: Tool.find("strace") != nil,
      isRoot: geteuid() == 0
    )
  }

  /// What a kind of fault lacks; nil if nothing.
  func lacking(for kind: FaultKind) -> String? {
    switch kind {
    case .clockJump, .clockRate: hasClocks ? nil : "libfaketime (apt-get install libfaketime)"
    case .diskSlow, .diskHung: hasTracer ? nil : "strace (apt-get install strace)"
    case .diskFull: isRoot ? nil : "root, to mount a small disk"
    default: nil
    }
  }
}

extension FaultRecipe {
  /// What is left of it with these means, and what is missing for the rest, in words.
  ///
  /// Nothing is left where a step of a round is missing, or more than a quarter of a mix: what it
  /// is to show would not happen.
  package func left(with means: FaultMeans) -> (recipe: FaultRecipe?, missing: String?) {
    let lost = kinds.filter { means.lacking(for: $0) != nil }
    guard !lost.isEmpty else { return (self, nil) }
    var lacking: [String] = []
    for word in lost.compactMap(means.lacking(for:)) where lacking.last != word {
      lacking.append(word)
    }
    let names = lost.map(\.rawValue).joined(separator: ", ")
    let words = "no \(names) without \(lacking.joined(separator: " and "))"
    guard case .mixed(let kinds) = shape, lost.count * 4 <= kinds.count else { return (nil, words) }
    var recipe = self
    recipe.shape = .mixed(kinds.filter { !lost.contains($0) })
    return (recipe, words)
  }
}
