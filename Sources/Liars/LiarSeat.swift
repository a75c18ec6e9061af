package import Consensus
package import PBFT

/// Whose words are bent: a node's place in its cluster, and its key.
package struct LiarSeat {
  let authority: Authority
  let signer: any Signer
  let members: [Member]

  /// The seat of whoever has this key.
  package init(authority: Authority, signer: any Signer, members: [Member]) {
    self.authority = authority
    self.signer = signer
    self.members = members
  }

  /// A number of its own for each member, from 1.
  func number(of member: Member) -> UInt64 {
    UInt64((members.firstIndex(of: member) ?? 0) + 1)
  }

  /// The replica that a liar speaks for if it does not speak for itself.
  func victim(besides replica: ReplicaNumber) -> ReplicaNumber {
    ReplicaNumber(UInt8((replica.place + 1) % members.count))
  }

  func sign<Statement: ReplicaSigned>(_ statement: Statement) -> Statement {
    authority.sign(statement, by: signer)
  }
}
