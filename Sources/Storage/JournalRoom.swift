/// How many bytes can be appended to a journal before it needs a segment that is not there yet.
///
/// Compare with the sum of `JournalRecord.footprint`.
package struct JournalRoom: Equatable, Sendable {
  /// What client writes may use: it leaves one spare segment untouched.
  package let beyondSpare: Int
  /// What votes, terms and no-ops may use: everything that has its place on the disk.
  package let withSpare: Int
  /// The size of all its segments and spares.
  package let sizeOnDisk: Int
  /// Whether the last try to prepare a spare failed for want of space.
  package let isDiskFull: Bool
}
