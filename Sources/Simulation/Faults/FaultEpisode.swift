/// A fault that lasts, and what has to be undone when it is over.
struct FaultEpisode {
  /// What it has changed.
  enum Change {
    /// Links are cut under the episode's number.
    case links([LinkCut])
    case paused(node: Int)
    case slowDisk(node: Int)
    case clock(node: Int)
    case slowNode(node: Int)
    case lateTimers(node: Int)
    case fullDisk(node: Int)
    case notReading(node: Int)
    /// Messages are slow and voters restart.
    case election
  }

  let kind: FaultKind
  let change: Change
  var isOver = false
}
