package import Consensus

/// Losing patience with a primary (PBFT §4.5.2), also with one that does just enough to stay
/// (docs/byzantine.md, "A slow primary").
extension PBFTCore {
  private static var judgementMicroseconds: UInt64 { 5_000 }
  private static var forwardMicroseconds: UInt64 { 50_000 }
  private static var forwardSizeMax: Int { 4 << 20 }

  /// Suspects whoever keeps a request, a block or a view waiting for too long.
  mutating func judgeViewTimers() {
    guard canVote, microseconds >= nextJudgementAt else { return }
    nextJudgementAt = microseconds + Self.judgementMicroseconds
    let patience = patience
    let hasLeft = !isActive && promises.viewChange?.newView == view
    guard !hasLeft else {
      // Starts when 2f+1 are there, so that replicas do not run ahead of each other.
      if timing.newViewIsOverdue(at: microseconds, patience: patience) { suspect() }
      return
    }
    let isUncommitted = log.tip.sequenceNumber > committed.sequenceNumber
    if isUncommitted, microseconds > timing.lastStep + patience { return suspect() }
    // A full window waits for words on states, which are not the primary's alone.
    guard isUncommitted || log.tip.sequenceNumber < highWatermark else { return }
    // Whoever is behind finds nothing decided, and cannot blame the primary for that.
    guard transfer == nil, target == nil else { return }
    let wait = pool.longestWait(at: microseconds, since: timing.viewBegunAt)
    if wait > patience || isSlow() { suspect() }
  }

  /// Whether the primary had room for something that it was sent, and no reason to wait.
  private mutating func isSlow() -> Bool {
    guard isActive, own != primary else { return false }
    if timing.hasWithheld { return true }
    guard log.tip.sequenceNumber == committed.sequenceNumber else { return false }
    return isWaiting(since: timing.lastStep, for: slowPatience)
  }

  /// A backup has accepted a block: the primary chose what is in it, and what is not.
  ///
  /// A block with room that leaves out what the primary was sent long ago was made to do so; so was
  /// one that takes a second envelope of one client before the first of another.
  mutating func judgeChoice(of block: Block) {
    pool.proposed(block.body)
    let header = block.header
    let clients = Set(block.body.map(\.client))
    let isFull =
      Int(header.requestCount) * 2 >= options.batchRequestsMax
      || Int(header.bodySize) * 2 >= options.batchSizeMax
    guard header.kind == .normal, !timing.hasWithheld,
      !isFull || clients.count < block.body.count
    else { return }
    timing.hasWithheld = isWaiting(
      since: timing.viewBegunAt,
      for: slowPatience,
      but: isFull ? clients : []
    )
  }

  private mutating func isWaiting(
    since start: UInt64,
    for patience: UInt64,
    but served: Set<PublicKey> = []
  ) -> Bool {
    let now = microseconds
    return pool.oldestUnproposed().contains {
      now > max($0.since, start) + patience && !served.contains($0.envelope.client)
    }
  }

  /// How long a primary with room may take: eight times what blocks take once they are proposed.
  private var slowPatience: UInt64 {
    let usual = max(8 * timing.medianLatency, options.orderPatienceMinMicroseconds)
    return timing.patience(base: usual, max: patience)
  }

  /// How long anything may take.
  private var patience: UInt64 {
    timing.patience(
      base: options.viewTimeoutMicroseconds,
      max: options.viewTimeoutMaxMicroseconds
    )
  }

  /// Has more of it with the next primary.
  mutating func growPatience() {
    timing.suspected(
      base: options.viewTimeoutMicroseconds,
      max: options.viewTimeoutMaxMicroseconds
    )
  }

  // MARK: Passing on

  /// What the state has settled meanwhile, without deciding it by its own number, nobody will ever
  /// propose: neither is the primary blamed for it, nor is it passed on.
  package mutating func dropWaiting(
    at now: Reading,
    where isUseless: (SignedEnvelope) -> Bool
  ) {
    guard time(of: now) >= nextJudgementAt else { return }
    pool.drop(where: isUseless)
  }

  /// Sends the new primary what waits here; the rest follows one by one.
  mutating func forwardAll() {
    var size = 0
    for envelope in pool.envelopes {
      size += envelope.encodedSize
      guard size <= Self.forwardSizeMax else { return }
      send(.envelope(envelope), to: primary)
    }
  }

  /// Reminds the primary of what it has not proposed: it may never have got it, or had no room.
  mutating func forwardAgain() {
    guard canVote, isActive, own != primary, microseconds >= nextForwardAt else { return }
    nextForwardAt = microseconds + Self.forwardMicroseconds
    var size = 0
    for (envelope, since) in pool.oldestUnproposed()
    where microseconds > since + Self.forwardMicroseconds {
      size += envelope.encodedSize
      guard size <= Self.forwardSizeMax else { return }
      send(.envelope(envelope), to: primary)
    }
  }
}
