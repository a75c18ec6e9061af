import Glibc

/// Why storage refused or gave up.
///
/// Each says what, where, and what a person can do.
package enum StorageError: Error, Equatable, Sendable {
  /// No space for a further segment; nothing was written, and a later try may succeed.
  case diskFull(file: String)
  /// A call to the disk failed. Fatal: what the disk holds now is unknown until it is read again.
  case diskFailed(call: String, file: String, errno: Int32)
  /// Bytes known to have been synced are damaged.
  case corrupt(file: String, offset: Int, what: String)
  /// A snapshot is damaged; it is not used, and nothing else is affected.
  case snapshotDamaged(file: String, offset: Int, what: String)
  /// A file that must be there is not.
  case missing(file: String)
  /// Nothing in the whole journal is as it was written, and all of it can be read, or it has no
  /// file any more: this is what was found first.
  indirect case journalLost(because: StorageError)
  /// A file that must not be there is, or bears another's name.
  case unexpected(file: String, what: String)
  /// The file was written by a version that this one does not know.
  case unsupported(file: String, version: UInt16)
  /// The directory belongs to another node or cluster, or not to this product.
  case foreign(file: String, what: String)
  /// The directory was never made, or its making was interrupted.
  case empty
  /// A new directory cannot be made here: something stands in it.
  case notEmpty(file: String)
  /// Another process uses the directory.
  case locked(holder: String)
  /// A record is larger than a segment can hold; nothing was written.
  case recordTooLarge(size: Int, limit: Int)
  /// An earlier failure stopped this journal; only opening it anew can tell what it holds.
  case stopped
}

extension StorageError {
  /// The stable name of the error, for logs, the wire and scripts.
  package var code: String {
    switch self {
    case .diskFull: "disk_full"
    case .diskFailed: "disk_failed"
    case .corrupt: "journal_corrupt"
    case .snapshotDamaged: "snapshot_damaged"
    case .missing: "file_missing"
    case .journalLost(let reason): reason.code
    case .unexpected: "file_unexpected"
    case .unsupported: "format_unsupported"
    case .foreign: "directory_foreign"
    case .empty: "directory_empty"
    case .notEmpty: "directory_not_empty"
    case .locked: "directory_locked"
    case .recordTooLarge: "record_too_large"
    case .stopped: "journal_stopped"
    }
  }

  /// Whether the process must stop: it can no longer tell what the disk holds.
  package var isFatal: Bool {
    switch self {
    case .diskFailed, .stopped: true
    case .diskFull, .corrupt, .snapshotDamaged, .missing, .journalLost, .unexpected, .unsupported,
      .foreign, .empty, .notEmpty, .locked, .recordTooLarge:
      false
    }
  }

  /// Whether it says that files are not as they were written, which others may make good.
  var isDamage: Bool {
    switch self {
    case .corrupt, .missing, .journalLost, .unexpected, .foreign: true
    case .diskFailed(let call, _, _): call == "read"
    case .diskFull, .snapshotDamaged, .unsupported, .empty, .notEmpty, .locked, .recordTooLarge,
      .stopped:
      false
    }
  }

  /// Whether the machine was short of something else than space, which says nothing about a file.
  package var isShortage: Bool {
    if case .diskFailed(_, _, let errno) = self {
      [EMFILE, ENFILE, ENOMEM].contains(errno)
    } else {
      false
    }
  }

  /// The error of a disk call after which nothing is known: a full disk is fatal here as well,
  /// since only bytes that have their place already are written.
  init(fatal error: DiskError) {
    switch error {
    case .noSpace(let file): self = .diskFailed(call: "write", file: file, errno: ENOSPC)
    case .io, .missing, .exists, .locked: self.init(error)
    }
  }

  /// The error of a disk call on which nothing acknowledged depends yet, or that only reads.
  init(_ error: DiskError) {
    switch error {
    case .noSpace(let file): self = .diskFull(file: file)
    case .io(let call, let file, let errno):
      self = .diskFailed(call: call, file: file, errno: errno)
    case .missing(let file): self = .missing(file: file)
    case .exists(let file): self = .unexpected(file: file, what: "it exists already")
    case .locked(_, let holder): self = .locked(holder: holder)
    }
  }
}

/// Runs disk calls on which nothing acknowledged depends yet.
func withDisk<Value>(
  _ body: () throws(DiskError) -> Value
) throws(StorageError) -> Value {
  do { return try body() } catch { throw StorageError(error) }
}

/// Runs disk calls after whose failure nobody knows what the disk holds.
func withDiskFatally<Value>(
  _ body: () throws(DiskError) -> Value
) throws(StorageError) -> Value {
  do { return try body() } catch { throw StorageError(fatal: error) }
}

extension StorageError: CustomStringConvertible {
  /// What happened, where, and what to do.
  package var description: String {
    switch self {
    case .diskFull(let file):
      "no space left for \(file): free some space on the data directory's file system"
    case .diskFailed(let call, let file, let errno):
      "\(call) of \(file) failed with errno \(errno): "
        + "check the disk, then start again; what it holds is read anew"
    case .corrupt(let file, let offset, let what):
      "\(file) is damaged at offset \(offset): \(what). No record was changed. "
        + "Restore the directory from this node's own backup or replace the node"
    case .snapshotDamaged(let file, let offset, let what):
      "\(file) is damaged at offset \(offset): \(what). It is not used: an older snapshot, "
        + "another member's or a new one takes its place"
    case .missing(let file):
      "\(file) is missing: put it back, or replace the node"
    case .journalLost(let reason):
      "nothing of the journal is left: \(reason)"
    case .unexpected(let file, let what):
      "\(file) does not belong here: \(what). No record was changed"
    case .unsupported(let file, let version):
      "\(file) has format version \(version), which this program does not know: use a newer one"
    case .foreign(let file, let what):
      "\(file): \(what). Start with the data directory made for this node and cluster"
    case .empty:
      "the data directory is empty or was never finished: make one with 'lockstep server init'"
    case .notEmpty(let file):
      "\(file) stands in the directory already: choose an empty one for the new node"
    case .locked(let holder):
      "another process uses the data directory\(holder.isEmpty ? "" : " (process \(holder))"): "
        + "stop it first"
    case .recordTooLarge(let size, let limit):
      "a record of \(size) bytes is over the limit of \(limit)"
    case .stopped:
      "the journal stopped at an earlier disk failure: start the process again"
    }
  }
}
