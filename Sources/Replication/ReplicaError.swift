package import Consensus
package import Wire

/// Why a replica cannot start or go on.
package enum ReplicaError: Error, Equatable, Sendable {
  /// A whole record of the journal means nothing to this version.
  case unreadableRecord(position: UInt64, reason: WireError)
  /// What the newest snapshot that can be read includes, and the journal does not go on from there,
  /// with nobody known who could be asked for what is missing.
  case journalIncomplete(after: LogIndex)
  /// The cluster has committed a command that means nothing to this version.
  case unknownCommand(at: LogIndex)
}

extension ReplicaError {
  /// Whether files of the directory are damaged or missing, and none misread.
  package var isAboutFiles: Bool {
    if case .journalIncomplete = self { true } else { false }
  }
}

extension ReplicaError: CustomStringConvertible {
  /// One line that says which record and why.
  package var description: String {
    switch self {
    case .unreadableRecord(let position, let reason):
      "the journal's record \(position) cannot be read by this version: \(reason)"
    case .journalIncomplete(let index):
      "the journal does not go on from entry \(index), which is all that is known without it: "
        + "snapshots or segments of this directory are missing or damaged"
    case .unknownCommand(let index):
      "entry \(index) is a command of a later version than this program knows; nothing was "
        + "answered from a state without it: start this node with the release of the others"
    }
  }
}
