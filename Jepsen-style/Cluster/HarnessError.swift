/// Why a cluster of processes cannot be had.
package enum HarnessError: Error, Equatable, Sendable {
  /// A program did not start.
  case cannotStart(program: String, reason: String)
  /// A file or folder could not be made, opened or read.
  case file(path: String, reason: String)
  /// A program that should have succeeded did not; its last words, and where all of them are.
  case failed(command: String, status: Int32, words: String, log: String)
  /// A node ended that should run; its last words, and where all of them are.
  case ended(node: Int, words: String, log: String)
  /// No leader answered a write in time.
  case notWritable(seconds: Int)
  /// There is no node of this number.
  case unknownNode(Int)
  /// No proxy can stand between the nodes.
  case noProxy(reason: String)
  /// Nodes cannot have network namespaces of their own.
  case noNamespaces(reason: String)
  /// A fault cannot be had here.
  case cannotInflict(FaultKind, reason: String)
  /// The clients of a run could not connect.
  case clients(String)
}

extension HarnessError: CustomStringConvertible {
  /// What happened and where to look.
  package var description: String {
    switch self {
    case .cannotStart(let program, let reason): "cannot start \(program): \(reason)"
    case .file(let path, let reason): "\(path): \(reason)"
    case .failed(let command, let status, let words, let log):
      "'\(command)' ended with status \(status): \(words); see \(log)"
    case .ended(let node, let words, let log): "n\(node) has ended: \(words); see \(log)"
    case .notWritable(let seconds): "the cluster took no write within \(seconds) s"
    case .unknownNode(let node): "there is no node \(node)"
    case .noProxy(let reason): "no proxy between the nodes: \(reason)"
    case .noNamespaces(let reason): "no network namespaces: \(reason)"
    case .cannotInflict(let kind, let reason): "no \(kind.rawValue): \(reason)"
    case .clients(let reason): "a client cannot connect: \(reason)"
    }
  }
}
