/// What connects the nodes of a cluster, and can be broken.
@MainActor
package protocol ClusterNetwork: AnyObject {
  /// Whether single frames can meet with accidents; links can always be cut.
  var hasAccidents: Bool { get }

  /// Gives a link these accidents instead of those that it had.
  func use(_ faults: LinkFaults, on link: Link) throws(HarnessError)

  /// What has been felt on a link so far.
  func counts(of link: Link) -> LinkCounts

  /// Words that a node is started with, to find the others.
  func startWords(of node: Int) -> [String]

  /// The words in front of the program of a node.
  func prefix(of node: Int) -> [String]

  /// Leaves nothing behind.
  func remove()
}
