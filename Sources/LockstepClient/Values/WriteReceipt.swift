/// What f+1 nodes of a cluster of mode bft sign of a write, of whom one is honest: proof for
/// anybody, later and without any cluster.
public struct WriteReceipt: Equatable, Sendable {
  /// The receipt as a file keeps it, for `lockstep receipt verify`; docs/formats/pbft.md.
  public let bytes: [UInt8]
  /// The nodes that stand by it, ascending.
  public let nodes: [UInt32]
  /// Proof against each node that has signed something else, for `lockstep evidence verify`.
  public let convictions: [[UInt8]]

  /// A receipt that was checked.
  package init(bytes: [UInt8], nodes: [UInt32], convictions: [[UInt8]]) {
    self.bytes = bytes
    self.nodes = nodes
    self.convictions = convictions
  }
}
