import Consensus
import Replication

extension ReplicaReply {
  /// Of its kind and everything in it: replies that differ have digests that do.
  package var digest: UInt64 {
    var digest = StateDigest()
    switch self {
    case .applied(let index, let bytes):
      digest.fold(of: 1, at: index)
      digest.fold(bytes)
    case .registered(let session): digest.fold(of: 2, session)
    case .closed: digest.fold(of: 3)
    case .outcome(.committed(let index, let bytes)):
      digest.fold(of: 4, at: index)
      digest.fold(bytes)
    case .outcome(.neverCommitted): digest.fold(of: 5)
    case .outcome(.answeredBefore): digest.fold(of: 6)
    case .outcome(.sessionExpired): digest.fold(of: 7)
    case .answer(let index, let bytes):
      digest.fold(of: 8, at: index)
      digest.fold(bytes)
    case .objection(let bytes):
      digest.fold(of: 9)
      digest.fold(bytes)
    case .transferred(let node): digest.fold(of: 10, UInt64(node.rawValue))
    case .reconfigured(let index): digest.fold(of: 11, at: index)
    case .refused(let refusal):
      digest.fold(of: 12)
      digest.fold(Array("\(refusal)".utf8))
    }
    return digest.value
  }
}

extension StateDigest {
  fileprivate mutating func fold(of kind: UInt64, _ number: UInt64 = 0) {
    fold(kind)
    fold(number)
  }

  fileprivate mutating func fold(of kind: UInt64, at index: LogIndex) {
    fold(of: kind, index.rawValue)
  }
}
