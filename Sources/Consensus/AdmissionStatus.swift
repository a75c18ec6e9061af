/// Whether a started node votes and is counted.
package enum AdmissionStatus: Equatable, Sendable {
  /// It has yet to hear that nobody remembers more of it than its disk does.
  case waiting
  /// It counts.
  case admitted
  /// Its disk holds less than it has shown: an older copy was put back. It never counts again.
  case rolledBack
  /// A voter was silent for too long that may remember more (`--readmission strict`): the others
  /// have replaced it, and it has given its directory up as if that were so.
  case voterSilent
  /// Its directory is not the one that the others know under this name. It never counts.
  case directoryRemade
}
