/// How often each kind of fault took effect; a partition of silent nodes is none (X2).
struct FaultCounts {
  private var counts = [Int](repeating: 0, count: FaultKind.allCases.count)
  /// What lasts for a while counts once, when it first touches something; by id.
  private var episodes: [(kind: FaultKind, also: FaultKind?, hasTakenEffect: Bool)] = []

  /// A fault took effect.
  mutating func count(_ kind: FaultKind) {
    guard let place = FaultKind.allCases.firstIndex(of: kind) else { return }
    counts[place] += 1
  }

  /// A fault that lasts begins.
  mutating func beginEpisode(_ kind: FaultKind) -> Int {
    episodes.append((kind, nil, false))
    return episodes.count - 1
  }

  /// When a lasting fault touches something, that counts as another one, too.
  mutating func count(_ other: FaultKind, withEpisode id: Int) {
    episodes[id].also = other
  }

  /// A lasting fault has touched something.
  mutating func tookEffect(episode id: Int) {
    guard !episodes[id].hasTakenEffect else { return }
    episodes[id].hasTakenEffect = true
    count(episodes[id].kind)
    if let other = episodes[id].also { count(other) }
  }

  /// All kinds, with how often they took effect.
  var all: [(kind: FaultKind, count: Int)] {
    zip(FaultKind.allCases, counts).map { (kind: $0.0, count: $0.1) }
  }
}
