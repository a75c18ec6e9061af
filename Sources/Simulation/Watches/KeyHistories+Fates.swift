import ClientProtocol
import Consensus
import Linearizability
import Wire

// The second search: what became of operations that nobody saw the answer of is read from the
// ledger of effects.
//
// Each of these may have taken effect at any later time or never, and k of them in flight leave
// the first search up to 2^k sets to try; increments are the worst, as any subset of equal sum
// explains a read. With their fates every write has its revision, and the order of a key's
// writes is known.
//
// A wrong fate cannot hide a fault. A history is linearizable if its unanswered operations can be
// left out or given some answer so that an order exists (Herlihy and Wing 1990, §2.2); the ledger
// only proposes which, and the order that the search finds is the proof. All answers that clients
// saw and all of real time are judged as in the first search. What is weaker is the other
// verdict: no order *with these fates* means that the answers contradict the ledger, and not
// that no fates would do. That is a fault of the product or of the simulator all the same.
extension KeyHistories {
  /// The same operations, those of unknown outcome with their fates.
  ///
  /// What changed nothing is left out as well: any order without it is as good with it.
  func withFates(_ group: Group) throws(Violation) -> Group {
    var settled = group
    for place in group.operations.indices {
      guard case .info = group.operations[place].ending else { continue }
      guard let output = try effect(of: group.numbers[place]), let revision = output.revision
      else {
        settled.operations[place].ending = .fail
        continue
      }
      let limit = max(deadline(of: revision, in: group), group.operations[place].invoked)
      settled.operations[place].ending = .ok(output, at: limit)
    }
    return settled
  }

  /// What an operation did, by the ledger; nil if it never took effect.
  private func effect(of number: Int) throws(Violation) -> Register.Output? {
    guard let key = history.operations[number].key, let index = applied.index(of: key),
      let effect = applied.effect(at: index)
    else { return nil }
    do {
      return try CommandReply(decoding: effect.reply).registerOutput
    } catch {
      throw .safety("R3", "the effect at \(index) cannot be read: \(error)")
    }
  }

  /// The instant by which a write took effect that nobody saw the answer of: the earliest return
  /// of whoever was told this revision or a later one; without end if nobody was.
  ///
  /// The register demands as much, as revisions only grow. Said beforehand it spares the search
  /// the orders in which such a write comes too late, which it would see only at the end.
  private func deadline(of revision: UInt64, in group: Group) -> UInt64 {
    group.operations.reduce(.max) { earliest, operation in
      guard case .ok(let output, let returned) = operation.ending,
        let told = output.revision, told >= revision
      else { return earliest }
      return min(earliest, returned)
    }
  }
}

extension RevisionedRegister.Output {
  /// The revision that an answer names; nil for what changed nothing and saw nothing.
  fileprivate var revision: UInt64? {
    switch self {
    case .found(_, let revision), .changed(let revision), .counted(_, let revision): revision
    case .absent, .conflict: nil
    }
  }
}
