/// Why a genesis file is none.
package enum GenesisError: Error, Equatable, Sendable {
  /// The file cannot be read; the reason is the system's.
  case unreadable(path: String, reason: String)
  /// It is no JSON.
  case notJSON(path: String, problem: String)
  /// One of its fields is wrong.
  case wrongField(path: String, problem: String)

  /// The stable string.
  package var code: String {
    switch self {
    case .unreadable: "file_error"
    case .notJSON: "invalid_json"
    case .wrongField: "invalid_genesis"
    }
  }

  /// What to do next.
  package var hint: String? {
    switch self {
    case .unreadable: "lockstep genesis create --help"
    case .notJSON: nil
    case .wrongField: "lockstep genesis create makes such a file"
    }
  }
}

extension GenesisError: CustomStringConvertible {
  /// The sentence for people: the path first.
  package var description: String {
    switch self {
    case .unreadable(let path, let problem), .notJSON(let path, let problem),
      .wrongField(let path, let problem):
      "\(path): \(problem)"
    }
  }
}
