import ClientProtocol
package import Consensus
package import Crypto
package import Replication
package import Storage
package import Transport

/// Why a server cannot start or go on.
package enum ServerError: Error, Sendable {
  /// A port is taken, or the kernel refuses.
  case transport(TransportError)
  /// The journal or the cluster's log holds what this version cannot read.
  case replica(ReplicaError)
  /// The disk failed: the node stopped before promising anything more.
  case journal(StorageError)
  /// The directory is not, or no longer, what this node has shown the others.
  case refused(AdmissionStatus)
  /// The directory was refused, and the cluster has taken its successor in, for which
  /// `NodeDirectory.comeBack` makes a directory.
  case replaced(by: Member)
  /// The node was told to stop, and its disk did not finish what it had been handed.
  case diskHung(afterMilliseconds: UInt64)

  /// The genesis file is not the one that the directory was made from, or of another mode.
  case foreignGenesis
  /// The key is not the one that the genesis names for this node.
  case foreignKey(NodeID, shown: PublicKey)
  /// OpenSSL refuses.
  case crypto(CryptoError)

  /// The node is no member any more, and nothing says where it is to listen.
  case noAddress

  /// What another room has thrown, in a server's words.
  ///
  /// - Precondition: It is an error of a server, the transport, a replica or the storage: calls
  ///   below throw nothing else, which typed throws cannot say of several types.
  package init(unwrapping error: any Error) {
    switch error {
    case let error as ServerError: self = error
    case let error as TransportError: self = .transport(error)
    case let error as StorageError: self = .journal(error)
    case let error as ReplicaError: self = .replica(error)
    default: fatalError("calls below a server throw nothing else: \(error)")
    }
  }

  /// Whether the node ends only to come back.
  var isReturn: Bool {
    if case .replaced = self { true } else { false }
  }

  /// The stable code.
  package var code: String {
    switch self {
    case .transport(let error): error.code
    case .replica(.unreadableRecord): "format_unsupported"
    case .replica(.journalIncomplete): "journal_incomplete"
    case .replica(.unknownCommand): ErrorCode.unknownCommand.rawValue
    case .journal(let error): error.code
    case .refused(.directoryRemade): "directory_remade"
    case .refused(.voterSilent): "voter_silent"
    case .refused: "rolled_back"
    case .replaced: "member_replaced"
    case .diskHung: "disk_hung"
    case .noAddress: ErrorCode.memberUnknown.rawValue
    case .foreignGenesis: ErrorCode.directoryForeign.rawValue
    case .foreignKey: "bad_key"
    case .crypto(let error): error.code
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
    case .crypto(let error): "\(error)"
    case .foreignGenesis:
      "the genesis file is not the one that this directory was made from: put that one back"
    case .foreignKey(let node, let key):
      "the key \(key) is not the one that the genesis names for node \(node.rawValue)"
    case .noAddress:
      "this node is no member of its cluster any more: join anew with a new directory, or name "
        + "--listen-client and --listen-peer to look into it"
    case .refused(.directoryRemade):
      "the other members know another data directory of this node: this one was made anew from "
        + "the genesis file after the first was lost. It votes and acknowledges nothing. " + remedy
    case .refused(.voterSilent):
      "a voter that may have seen more of this node than its data directory holds has been silent "
        + "for too long (--readmission strict): the node gives the directory up, and comes back as "
        + "another member. Until then it votes and acknowledges nothing"
    case .refused:
      "the other members have seen more of this node than its data directory holds: an older copy "
        + "was put back; or, with --readmission strict, one of them could not be asked. It votes "
        + "and acknowledges nothing. " + remedy
    case .replaced(let successor):
      "the cluster has taken in node \(successor.id) again, as incarnation "
        + "\(successor.incarnation): its refused directory is set aside and another one made"
    case .diskHung(let milliseconds):
      "the disk has finished nothing for \(milliseconds) ms; what it was not seen to store was "
        + "promised to nobody: look at the disk before starting this node again"
    }
  }

  private var remedy: String {
    "Restore the newest directory if there is a newer one; else let it come back as another "
      + "member: lockstep server start does that by itself as soon as there is a leader"
  }
}
