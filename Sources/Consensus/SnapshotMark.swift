/// What a snapshot stands for: the state that includes every entry up to `index`, and what else
/// must be known of the log before it is forgotten (Raft §7).
package struct SnapshotMark: Hashable, Sendable {
  /// The newest entry that the state includes.
  package var index: LogIndex
  /// That entry's term.
  package var term: Term
  /// That entry's log time, where the next leader's clock goes on.
  package var logTimeMicroseconds: UInt64
  /// The members and settings in force at `index`: the newest configuration up to it.
  package var configuration: ClusterConfiguration
  /// The entry that holds this configuration.
  package var configurationIndex: LogIndex

  package init(
    index: LogIndex,
    term: Term,
    logTimeMicroseconds: UInt64,
    configuration: ClusterConfiguration,
    configurationIndex: LogIndex
  ) {
    self.index = index
    self.term = term
    self.logTimeMicroseconds = logTimeMicroseconds
    self.configuration = configuration
    self.configurationIndex = configurationIndex
  }
}
