package import Consensus
package import Transport

/// What it takes to speak with a cluster whose nodes may lie: who they are, and a key of our own.
///
/// The cryptography lies behind this seam: nothing here needs OpenSSL.
package struct ClusterCredentials: Sendable {
  /// A member, as the genesis names it.
  package struct Node: Equatable, Sendable {
    /// Its number.
    package let id: UInt32
    /// Where it takes clients.
    package let address: SocketAddress

    package init(id: UInt32, address: SocketAddress) {
      self.id = id
      self.address = address
    }
  }

  /// Puts together what nodes have signed; nil as long as it is not enough.
  package typealias AssembleReceipt =
    @Sendable (_ write: WriteID, _ parts: [[UInt8]]) -> WriteReceipt?

  /// Makes what secures a connection to this node; nil leaves its bytes as they are.
  package typealias Securing = (_ node: UInt32) -> (any SecureChannel)?

  /// The cluster's name.
  package let cluster: ClusterID
  /// All members in order of their numbers, which is the order in which they become primary.
  package let nodes: [Node]
  /// Our key.
  package let signer: any Signer
  /// Digests what is signed.
  package let digester: any Digester
  /// Prepares secure connections; called once, on the thread that will use them.
  package let prepare: @Sendable () throws(LockstepError) -> Securing
  /// Makes a receipt of a write from what nodes have signed, once f+1 have signed the same; nil
  /// where there is nobody who could judge that.
  package let assembleReceipt: AssembleReceipt?

  /// Credentials.
  package init(
    cluster: ClusterID,
    nodes: [Node],
    signer: any Signer,
    digester: any Digester,
    assembleReceipt: AssembleReceipt? = nil,
    prepare: @escaping @Sendable () throws(LockstepError) -> Securing
  ) {
    self.cluster = cluster
    self.nodes = nodes.sorted { $0.id < $1.id }
    self.signer = signer
    self.digester = digester
    self.assembleReceipt = assembleReceipt
    self.prepare = prepare
  }

  /// How many nodes may lie (PBFT §2).
  var faultsMax: Int { (nodes.count - 1) / 3 }

  /// So many equal words have an honest one among them.
  var proofCount: Int { faultsMax + 1 }

  /// So many words overlap with every other so many in an honest node.
  var quorum: Int { 2 * faultsMax + 1 }

  /// Puts requests under our signature.
  func seal(_ requests: [ClientRequest]) -> SignedEnvelope {
    SignedEnvelope(requests, by: signer, in: cluster, digester)
  }
}
