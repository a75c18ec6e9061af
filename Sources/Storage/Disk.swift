/// One folder on a disk: the dozen calls that storage needs, and no more.
///
/// Every call can fail, and a simulator stands behind this protocol as well as the real thing.
/// Names are plain file names within the one folder. What was written is safe only after
/// `sync`; what was created, renamed or removed only after `syncFolder`.
package protocol Disk: AnyObject, Sendable {
  /// The names of all files, in ascending order of their bytes.
  func list() throws(DiskError) -> [String]

  /// Opens a file that exists, for reading and writing.
  func open(_ name: String) throws(DiskError) -> OpenFile

  /// Makes an empty file that did not exist.
  func create(_ name: String) throws(DiskError) -> OpenFile

  /// The size of a file in bytes.
  func size(of file: OpenFile) throws(DiskError) -> Int

  /// Reads `count` bytes, fewer only where the file ends.
  func read(_ file: OpenFile, at offset: Int, count: Int) throws(DiskError) -> [UInt8]

  /// Writes all of `bytes`; a file that is too short grows.
  func write(_ bytes: [UInt8], to file: OpenFile, at offset: Int) throws(DiskError)

  /// Returns once the file's bytes and size survive a power cut.
  func sync(_ file: OpenFile) throws(DiskError)

  /// Returns once every name created, renamed or removed so far survives a power cut.
  func syncFolder() throws(DiskError)

  /// Lets the next reads of a synced file come from the disk itself, as far as that can be had, and
  /// each bring no more than it asks for.
  func forgetCached(_ file: OpenFile)

  /// Gives a file another name, replacing in one step what bore that name.
  func rename(_ name: String, to newName: String) throws(DiskError)

  /// Removes a file.
  func remove(_ name: String) throws(DiskError)

  /// Takes the one lock named so; it is free again once the result is gone or the process dies.
  func lock(_ name: String) throws(DiskError) -> OpenFile
}

extension Disk {
  /// A disk without a cache has nothing to forget.
  package func forgetCached(_ file: OpenFile) {}
}
