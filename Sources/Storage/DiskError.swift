/// Why a call to a `Disk` failed.
package enum DiskError: Error, Equatable, Sendable {
  /// No space is left for the file, or its owner's quota is used up.
  case noSpace(file: String)
  /// The call failed with this `errno`; after a write or a sync the file's content is unknown.
  case io(call: String, file: String, errno: Int32)
  /// There is no file of this name.
  case missing(file: String)
  /// There is already a file of this name.
  case exists(file: String)
  /// Somebody else holds the lock; `holder` is the text that they left in it.
  case locked(file: String, holder: String)
}
