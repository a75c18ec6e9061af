import Glibc
import Storage

/// A folder for a node that is to be; what was made in it goes again if the node does not come
/// to be, so that the next attempt finds what this one found.
struct NewFolder {
  /// What may lie in a folder that a node is made in; another process may hold the lock.
  private static let harmless = ["lock", "lost+found"]

  let disk: PosixDisk
  private let path: String
  /// What stood in it; nil if it was not there.
  private let before: [String]?

  /// Takes a folder, which is made if it is not there.
  init(_ path: String) throws(CommandFailure) {
    self.path = path
    // `access` reads the path up to its end and keeps nothing.
    let isThere = unsafe access(path, F_OK) == 0
    disk = try ServerCommand.disk(path, creating: true)
    do {
      before = isThere ? try disk.list() : nil
    } catch {
      throw .file(path, ServerCommand.sentence(error))
    }
  }

  /// Removes all files that were not there, and the folder if it was not.
  ///
  /// As far as that goes: what is left is in the next attempt's way, which says so. In a folder
  /// that held anything nothing was made, and what is new there is somebody else's.
  func takeBack() {
    guard (before ?? []).allSatisfy(Self.harmless.contains) else { return }
    for name in (try? disk.list()) ?? []
    where before == nil || !Self.harmless.contains(name) {
      try? disk.remove(name)
    }
    // `rmdir` reads the path up to its end and keeps nothing.
    if before == nil { unsafe _ = rmdir(path) }
  }
}
