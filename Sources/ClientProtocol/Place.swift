/// A collection within a database.
///
/// Names are equal if their UTF-8 bytes are: a `String`'s own equality joins texts that differ.
package struct Place: Sendable {
  /// The database's name.
  package var database: String
  /// The collection's name.
  package var collection: String

  package init(database: String = defaultDatabase, collection: String) {
    self.database = database
    self.collection = collection
  }
}

extension Place: Equatable {
  /// Compares bytes.
  package static func == (left: Place, right: Place) -> Bool {
    haveSameBytes(left.collection, right.collection)
      && haveSameBytes(left.database, right.database)
  }

  /// By spans: a fifth of what `elementsEqual` takes.
  private static func haveSameBytes(_ left: String, _ right: String) -> Bool {
    let (left, right) = (left.utf8, right.utf8)
    let (leftBytes, rightBytes) = (left.span, right.span)
    guard leftBytes.count == rightBytes.count else { return false }
    for index in leftBytes.indices where leftBytes[index] != rightBytes[index] { return false }
    return true
  }
}
