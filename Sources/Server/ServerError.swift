package import Replication
package import Storage
package import Transport

/// Why a server cannot start or go on.
package enum ServerError: Error, Sendable {
  /// A port is taken, or the kernel refuses.
  case transport(TransportError)
  /// The journal holds what this version cannot read.
  case replica(ReplicaError)
  /// The disk failed: the node stopped before promising anything more.
  case journal(StorageError)

  /// The stable code.
  package var code: String {
    switch self {
    case .transport(let error): error.code
    case .replica: "format_unsupported"
    case .journal(let error): error.code
    }
  }
}

extension ServerError: CustomStringConvertible {
  /// One line that says what, where and what to do.
  package var description: String {
    switch self {
    case .transport(let error): "\(error)"
    case .replica(let error): "\(error)"
    case .journal(let error): "\(error)"
    }
  }
}
