/// How the command line ends; one meaning each.
package enum ExitCode: Int32, CaseIterable, Sendable {
  /// All went well.
  case ok = 0
  /// The command failed: the server, a file or a disk said no, or the result could not be written.
  case failed = 1
  /// The command, or a file that it names, was not understood.
  case usage = 2
  /// What was asked for does not exist.
  case notFound = 3
  /// A condition did not hold.
  case conflict = 4
  /// No answer in time: of a write the outcome is unknown, of a check there is no verdict.
  case noAnswer = 5
  /// The cluster is unavailable: no leader, or no quorum.
  case unavailable = 6
  /// No node could be reached.
  case cannotConnect = 7
  /// Who asks is not known or not allowed to.
  case refused = 8
  /// A check failed: simulation, history, integrity.
  case checkFailed = 9
  /// A node was told to stop while its disk hung.
  case diskHung = 10
  /// A node's directory is not, or no longer, the one that the others know.
  case directoryRefused = 11
  /// Interrupted by the user.
  case interrupted = 130
}
