/// Judges how much stale reads of a key lack.
///
/// A node counts from when it *heard* the leader, not from when the leader spoke. What it hears
/// may have been on its way for as long as a fault lasted. Where none did since what is lacking was
/// acknowledged, a message takes milliseconds, a leader that was followed in vain believes in
/// itself for an election timeout of 300 ms at most, and the rest is for machines that stand still.
struct StalenessJudge {
  private static let allowanceMicroseconds: Int64 = 2_000_000
  private static let faultAllowanceMicroseconds: Int64 = 10_000_000

  private let lagMaxMicroseconds: Int64

  init(lagMaxMilliseconds: Int) { lagMaxMicroseconds = Int64(lagMaxMilliseconds) * 1_000 }

  /// Every stale read that lacks what it may not lack.
  func findings(in answers: [ConsistencyAnswer]) -> [CallFinding] {
    let quiet = findings(in: answers, beyond: Self.allowanceMicroseconds) { lacked, read in
      lacked.end > read.call.lastFault
    }
    guard quiet.isEmpty else { return quiet }
    return findings(in: answers, beyond: Self.faultAllowanceMicroseconds) { _, _ in true }
  }

  private func findings(
    in answers: [ConsistencyAnswer],
    beyond allowance: Int64,
    where isMeant: (_ lacked: ConsistencyAnswer, _ read: ConsistencyAnswer) -> Bool
  ) -> [CallFinding] {
    let reads = answers.filter(\.isStale).sorted { $0.began < $1.began }
    var shown = answers.filter { !$0.isStale }.sorted { $0.ended < $1.ended }[...]
    // In the order of their ends; those that a later one has overtaken are gone.
    var newest: [ConsistencyAnswer] = []
    return reads.compactMap { read in
      while let first = shown.first,
        first.ended < read.began - lagMaxMicroseconds - allowance
      {
        shown.removeFirst()
        while let last = newest.last, last.revision <= first.revision { newest.removeLast() }
        newest.append(first)
      }
      // What is lacking longest may still have been on its way; what came after it was not.
      guard let lacked = newest.first(where: { isMeant($0, read) }),
        lacked.revision > read.revision
      else { return nil }
      return CallFinding("a stale read is staler than it may be", [lacked, read])
    }
  }
}
