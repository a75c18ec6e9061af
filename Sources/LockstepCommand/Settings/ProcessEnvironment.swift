import Glibc

/// The environment of this process.
enum ProcessEnvironment {
  /// All variables.
  static func variables() -> [String: String] {
    var variables: [String: String] = [:]
    // `environ` ends with a null pointer, and nobody changes the environment while this reads.
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
      let parts = unsafe String(cString: text)
        .split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
      unsafe entry += 1
    }
    return variables
  }
}
