package import Wire

/// One thing in a table of the state: what roots are computed over.
package struct StateEntry: Equatable, Sendable {
  /// By what it is found; a table has each key once.
  package var key: Bytes
  /// A number that changes when the value does, where there is one: its revision.
  package var stamp: UInt64
  /// Its bytes.
  package var value: Bytes

  package init(key: Bytes, stamp: UInt64, value: Bytes) {
    self.key = key
    self.stamp = stamp
    self.value = value
  }
}
