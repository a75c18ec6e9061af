import Server
import Storage

extension CommandFailure {
  /// What was wrong with a folder or data directory.
  ///
  /// - Precondition: It is an error of a command, a node's directory, the storage or a disk: calls
  ///   below throw nothing else, which typed throws cannot say of several types.
  init(unwrapping error: any Error, at path: String) {
    switch error {
    case let error as CommandFailure: self = error
    case let error as NodeDirectoryError: self = .of(code: error.code, "\(path): \(error)")
    case let error as StorageError: self = .of(code: error.code, "\(path): \(error)")
    case let error as DiskError: self = .file(path, ServerCommand.sentence(error))
    default: fatalError("calls that use a directory throw nothing else: \(error)")
    }
  }
}
