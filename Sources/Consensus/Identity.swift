/// Who this process is, and which of its starts this is.
package struct Identity: Hashable, Sendable {
  /// The cluster it belongs to.
  package let cluster: ClusterID
  /// Its number and data directory.
  package let member: Member
  /// Counts the starts on this data directory, from 1.
  package let boot: UInt64

  package init(cluster: ClusterID, member: Member, boot: UInt64) {
    self.cluster = cluster
    self.member = member
    self.boot = boot
  }
}
