/// A collection within a database.
///
/// Names are equal if their UTF-8 bytes are: a `String`'s own equality joins texts that differ.
package struct Place: Sendable {
  /// The database's name.
  package var database: String
  /// The collection's name.
  package var collection: String

  /// A place.
  package init(database: String = defaultDatabase, collection: String) {
    self.database = database
    self.collection = collection
  }
}

extension Place: Equatable {
  /// Compares bytes.
  package static func == (left: Place, right: Place) -> Bool {
    left.database.utf8.elementsEqual(right.database.utf8)
      && left.collection.utf8.elementsEqual(right.collection.utf8)
  }
}
