/// How a history is to be read where tools differ.
package struct HistoryOptions: Equatable, Sendable {
  /// What a compare-and-set that failed says.
  package enum FailedSwaps: String, CaseIterable, Sendable {
    /// Nothing, as in Knossos.
    case ignore
    /// Its comparison did not hold at some instant while it was open, as in Porcupine's etcd model.
    case constrain
  }

  /// What a completed read of null says.
  package enum NullReads: String, CaseIterable, Sendable {
    /// Nothing was there.
    case absent
    /// Nothing at all, as in Knossos.
    case any
  }

  /// What a register holds at the beginning.
  package var initial = HistoryValue.null
  /// What a compare-and-set that failed says.
  package var failedSwaps = FailedSwaps.ignore
  /// What a completed read of null says.
  package var nullReads = NullReads.absent
  /// Whether only the search is to judge, to compare it with the quicker ways.
  package var isSearchOnly = false
  /// Whether the time for a judgement is over; asked now and then.
  package var isTimeOver: @Sendable () -> Bool = { false }

  /// The usual reading.
  package init() {}

  /// Whether both read a history alike.
  package static func == (left: Self, right: Self) -> Bool {
    left.initial == right.initial && left.failedSwaps == right.failedSwaps
      && left.nullReads == right.nullReads && left.isSearchOnly == right.isSearchOnly
  }
}
