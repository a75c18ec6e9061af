import Consensus

/// What can become of something that was synced: a block of a file, or the whole file.
package enum DiskDamage: String, CaseIterable, Sendable {
  /// A bit flips (D9).
  case flip
  /// A block is zeros (D9).
  case zero
  /// A block is anything (D9).
  case garbage
  /// A block cannot be read until it is written again (D8).
  case unreadable
  /// A block has another one's content, as if written or read at the wrong place (D12).
  case swapped
  /// A write that was synced never was (D13).
  case stale
  /// A field in the head of some journal record in the file changes (D9).
  case head
  /// The file is gone (D17).
  case missing

  /// Those that an exhaustive sweep goes through.
  static let swept: [DiskDamage] = [.flip, .zero, .unreadable]
}
