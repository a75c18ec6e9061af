/// A part of a snapshot's file on its way from one member to another.
package struct InstallPart: Hashable, Sendable {
  /// Where it stands.
  package var place: SnapshotPlace
  /// What stands there.
  package var bytes: [UInt8]
  /// Whether nothing follows.
  package var isLast: Bool

  /// The most bytes that a part may have.
  package static let sizeMax = 5 << 20

  /// A part.
  package init(at place: SnapshotPlace, bytes: [UInt8], isLast: Bool) {
    self.place = place
    self.bytes = bytes
    self.isLast = isLast
  }
}
