import Documents
package import Storage
import Wire

/// A file of everything that was in all databases at one revision (docs/formats/backup.md), read
/// to its end and whole.
package struct Backup: Sendable {
  /// The revision of the state: nothing in it is newer.
  package let revision: UInt64
  /// When it was begun, in milliseconds since 1970.
  package let createdMilliseconds: UInt64
  /// The size of the file in bytes.
  package let size: Int
  /// What was in it.
  let store: DocumentStore

  /// How many collections there are.
  package var collectionsCount: Int { store.collectionsCount }
  /// How many documents and values there are.
  package var itemsCount: Int { store.itemsCount }

  static let headVersion: UInt16 = 1

  /// Reads a file, checks every byte and builds its state.
  ///
  /// - Throws: Where it is damaged, or that it is no backup.
  package init(reading name: String, on disk: any Disk) throws(StorageError) {
    var reader = try SnapshotReader(named: name, on: disk)
    var builder = DocumentStoreBuilder()
    revision = reader.file.index
    size = reader.file.size
    createdMilliseconds = try Self.created(in: reader.file.head, name)
    while let piece = try reader.next() {
      do {
        try builder.take(Bytes(piece))
      } catch {
        throw Self.damaged(name, at: reader.offset, error)
      }
    }
    do {
      store = try builder.finish()
    } catch {
      throw Self.damaged(name, at: reader.offset, error)
    }
    guard store.revision == revision else {
      throw Self.damaged(name, at: 0, .badValue("revision in its header", offset: 32))
    }
  }

  private static func created(in head: [UInt8], _ name: String) throws(StorageError) -> UInt64 {
    var reader = ByteReader(head)
    do throws(WireError) {
      let version = try reader.read(UInt16.self)
      guard version == headVersion else {
        throw .unsupportedVersion(version, what: "a backup")
      }
      let milliseconds: UInt64 = try reader.read()
      try reader.expectEnd()
      return milliseconds
    } catch {
      throw damaged(name, at: 52, error)
    }
  }

  private static func damaged(
    _ name: String,
    at offset: Int,
    _ error: WireError
  ) -> StorageError {
    .snapshotDamaged(file: name, offset: offset, what: "\(error)")
  }
}
