import Liars

/// What is wrong with a command line of the liar's.
enum LiarUsage: Error, CustomStringConvertible {
  case notServerStart
  case missing(String)
  case unknownFlag(String)
  case unknownLie(String)
  case noDirectory(String)
  case notByzantine(String)

  var description: String {
    switch self {
    case .notServerStart: "it begins with 'server start' (usage)"
    case .missing(let flag): "--\(flag) is missing (usage)"
    case .unknownFlag(let word): "'\(word)' is no flag with a value (usage)"
    case .unknownLie(let name):
      "there is no lie '\(name)': \(Lie.allCases.map(\.rawValue).joined(separator: ", ")) (usage)"
    case .noDirectory(let data):
      "\(data): it cannot be opened, or another process uses it (file_error)"
    case .notByzantine(let data):
      "\(data): it is of a cluster of mode raft, whose nodes do not lie (wrong_mode)"
    }
  }
}
