/// How long to wait before trying again: doubling, with chance, so that clients do not march in
/// step.
struct Backoff {
  let firstMicroseconds: UInt64
  let mostMicroseconds: UInt64

  /// For a cluster without a leader: an election takes a few hundred milliseconds.
  static let leaderless = Backoff(firstMicroseconds: 5_000, mostMicroseconds: 60_000)
  /// For a node that has too much to do.
  static let overloaded = Backoff(firstMicroseconds: 10_000, mostMicroseconds: 500_000)
  /// For a node that cannot be reached.
  static let unreachable = Backoff(firstMicroseconds: 50_000, mostMicroseconds: 2_000_000)

  /// The wait before a retry, counted from 0: between half and all of the doubled time.
  func delay(retry: Int, using random: inout some RandomNumberGenerator) -> UInt64 {
    let doubled = firstMicroseconds << UInt64(min(retry, 16))
    let most = min(doubled, mostMicroseconds)
    return UInt64.random(in: most / 2...most, using: &random)
  }
}
