/// What liars do, by name; a seed draws several, `--lie` asks for one.
package enum Lie: String, CaseIterable, Sendable {
  /// Two copies of the liar speak to different sides: two proposals, two votes, two of everything.
  case twoFaced = "two-faced"
  /// Says nothing at all.
  case mute
  /// Proposes nothing when it is its turn.
  case silentPrimary = "silent-primary"
  /// Proposes to all but f replicas.
  case hidesFromSome = "hides-from-some"
  /// Proposes so late that nobody quite loses patience.
  case slowPrimary = "slow-primary"
  /// Orders nothing of one client.
  case starvesClient = "starves-client"
  /// Does not hand out blocks that are asked for.
  case withholdsBlocks = "withholds-blocks"
  /// Votes for every block there ever was, and for some that nobody proposed.
  case votesForAll = "votes-for-all"
  /// Commits without having prepared.
  case commitsAtOnce = "commits-at-once"
  /// Names other states at checkpoints.
  case lyingCheckpoint = "lying-checkpoint"
  /// Leaves views with locks hidden, old or somebody else's.
  case lyingViewChange = "lying-view-change"
  /// Leaves every view as soon as it begins.
  case viewChangeStorm = "view-change-storm"
  /// Leaves for views far away.
  case hugeView = "huge-view"
  /// Begins views on any view changes it can lay hands on.
  case lyingNewView = "lying-new-view"
  /// Proposes children of any block.
  case proposesAnything = "proposes-anything"
  /// Proposes at times of the past or the future.
  case badTime = "bad-time"
  /// Proposes bodies that are not the header's, unsigned, or twice the same.
  case badBody = "bad-body"
  /// Sends again what anybody ever said.
  case replays
  /// Signs for others and for other clusters.
  case forges
  /// Says of itself and its log what is not true.
  case lyingStatus = "lying-status"
  /// Sends blocks nobody asked for, and asks for ones that do not exist.
  case noise
  /// Answers clients with what is not so, all liars alike.
  case lyingAnswers = "lying-answers"
}

/// How often each lie was told, in the order of the lies.
struct LieTally {
  private(set) var counts = [Int](repeating: 0, count: Lie.allCases.count)

  mutating func add(_ lie: Lie) {
    guard let place = Lie.allCases.firstIndex(of: lie) else { return }
    counts[place] += 1
  }

  mutating func add(_ other: LieTally) {
    for place in counts.indices { counts[place] += other.counts[place] }
  }
}
