import Consensus

/// A memory fault: from an entry on, a node's results come to something else than the others'.
///
/// The digest alone is wrong, so that everything else can still be checked; it ends with the
/// process, as what is in memory does.
struct PlantedLie {
  /// The first entry with a wrong result.
  let from: LogIndex
  /// What is wrong with it; two nodes can be wrong in the same way, or each in its own.
  let error: UInt64
}
