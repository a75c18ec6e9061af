/// A question about the state, answered without the log.
package struct Query: Equatable, Sendable {
  /// The query version that this program writes and the newest that it reads.
  package static let version: UInt16 = 1

  /// Who asks; 0 is anonymous.
  package var principal: UInt64
  /// What is asked.
  package var question: Question

  /// A query.
  package init(principal: UInt64 = 0, _ question: Question) {
    self.principal = principal
    self.question = question
  }

  /// What can be asked.
  package enum Question: Equatable, Sendable {
    /// One document.
    case get(Place, id: [UInt8])
    /// Documents in order of id; the first page.
    case scan(Place, KeyRange, ScanWindow)
    /// The next page of a scan.
    case next(cursor: UInt64)
    /// The rest of a scan is not wanted.
    case closeCursor(UInt64)
    /// How many documents there are.
    case count(Place, KeyRange)
    /// The collections of a database.
    case listCollections(database: String)
    /// The databases.
    case listDatabases
    /// One key.
    case kvGet(Place, key: [UInt8])
    /// Keys in order of their bytes; the first page.
    case kvRange(Place, KeyRange, ScanWindow)
    /// All databases as they are, for a backup; the first piece.
    case image
  }
}
