import Glibc

/// The environment of this process.
enum ProcessEnvironment {
  /// All variables that are text.
  static func variables() -> [String: String] {
    all().variables
  }

  /// The same, if all of ours are: what is not would name another file than was meant.
  static func checked() throws(CommandFailure) -> [String: String] {
    let (variables, broken) = all()
    guard let name = broken.first(where: { $0.hasPrefix("LOCKSTEP_") }) else { return variables }
    throw .usage("\(name) is not UTF-8 text")
  }

  /// All variables that are text, and the names of those that are not.
  private static func all() -> (variables: [String: String], broken: [String]) {
    var (variables, broken) = ([String: String](), [String]())
    // `environ` ends with a null pointer, and nobody changes the environment while this reads.
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
      let whole = unsafe String(cString: text)
      let parts = whole.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 {
        if unsafe String(validatingCString: text) == nil {
          broken.append(String(parts[0]))
        } else {
          variables[String(parts[0])] = String(parts[1])
        }
      }
      unsafe entry += 1
    }
    return (variables, broken)
  }
}
