/// A fault that lasts, and what has to be undone when it is over.
struct FaultEpisode {
  /// What it has changed.
  enum Change {
    /// Links are cut under the episode's number.
    case links
    case paused(node: Int)
    case slowDisk(node: Int)
    case clock(node: Int)
  }

  let kind: FaultKind
  let change: Change
  var isOver = false
}
