import Wire

/// A snapshot that stands in the folder under its final name.
package struct SnapshotFile: Equatable, Sendable {
  /// The index of the last command whose effect is in it.
  package let index: UInt64
  /// The term of the entry at that index.
  package let term: UInt64
  /// What its owner put at its head; opaque here.
  package let head: [UInt8]
  /// The size of the file in bytes.
  package let size: Int

  /// The largest head that a snapshot may have.
  package static let headSizeMax = 64 << 10
  /// The largest piece that a snapshot may be given.
  package static let pieceSizeMax = 4 << 20
  /// The size of the tag that tells one cluster's snapshots from all others.
  package static let clusterTagSize = 16

  /// Its name in the folder.
  package var name: String { Self.name(index) }
}

extension SnapshotFile {
  private static let prefix = "snapshot-"

  /// The name of the snapshot at `index`.
  static func name(_ index: UInt64) -> String { prefix + index.padded(to: 16) + ".snap" }

  /// The name under which it is written.
  static func unfinishedName(_ index: UInt64) -> String { prefix + index.padded(to: 16) + ".tmp" }

  /// The name under which it is received.
  static func installName(_ index: UInt64) -> String {
    prefix + "install-" + index.padded(to: 16) + ".tmp"
  }

  /// Whether a name is this room's to judge.
  static func isOurs(_ name: String) -> Bool { name.hasPrefix(prefix) }

  /// Whether it is a half-made file, which nobody needs after a start.
  static func isUnfinished(_ name: String) -> Bool { isOurs(name) && name.hasSuffix(".tmp") }

  /// The index in a finished snapshot's name; nil if it is no such name.
  static func index(of name: String) -> UInt64? {
    guard isOurs(name), name.hasSuffix(".snap"),
      let index = UInt64(name.dropFirst(prefix.count).dropLast(5)),
      // The one spelling only: no sign, no other count of zeros.
      Array(Self.name(index).utf8) == Array(name.utf8)
    else { return nil }
    return index
  }
}
