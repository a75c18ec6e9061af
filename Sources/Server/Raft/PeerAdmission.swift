import Consensus

/// Whether whoever dials us is let in.
enum PeerAdmission: Equatable {
  /// It is in the configuration in use.
  case member
  /// It may be in one that has not come here yet: it may lead us there.
  case stranger
  /// It is not, and we are up to date: the configuration at this index does without it.
  case refused(by: LogIndex)
}
