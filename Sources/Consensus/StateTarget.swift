/// A state that is to be had from others, who need not be trusted: its root says whether it is the
/// one.
package struct StateTarget: Equatable, Sendable {
  /// The newest entry that it includes.
  package var index: LogIndex
  /// Its root.
  package var root: Digest

  package init(index: LogIndex, root: Digest) {
    self.index = index
    self.root = root
  }
}
