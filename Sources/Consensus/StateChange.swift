package import Wire

/// One step from a state to the next, as its tables show it.
package enum StateChange: Equatable, Sendable {
  /// A table was made, with nothing in it.
  case makeTable(name: Bytes, head: [UInt8])
  /// A table was removed with all that it held.
  case dropTable(name: Bytes)
  /// An entry is new, or stands in place of the one with its key.
  case put(StateEntry, table: Bytes)
  /// The entry of a key is gone.
  case remove(key: Bytes, table: Bytes)
}
