package import Consensus

/// Public keys known ahead, parsed once; verifiers on several threads share them.
package final class KnownKeys: Sendable {
  /// A key behind a reference, so that a table can hold it.
  final class Parsed: Sendable {
    let key: KeyHandle
    let table: KeyTable?

    init(_ key: consuming KeyHandle, _ table: KeyTable?) {
      self.key = key
      self.table = table
    }
  }

  /// So many keys have tables, of 40 KiB each; signatures of the others take longer.
  private static let tablesMax = 256

  private let parsed: [PublicKey: Parsed]

  /// Parses keys; those that are none are left out.
  package init(_ keys: [PublicKey]) {
    var parsed: [PublicKey: Parsed] = [:]
    for (place, key) in keys.enumerated() where parsed[key] == nil {
      guard let handle = KeyHandle(strict: key) else { continue }
      parsed[key] = Parsed(handle, place < Self.tablesMax ? Self.table(of: key) : nil)
    }
    self.parsed = parsed
  }

  /// None without the optimizer, which makes a table's arithmetic a hundred times as fast.
  private static func table(of key: PublicKey) -> KeyTable? {
    #if DEBUG
      nil
    #else
      KeyTable(key)
    #endif
  }

  subscript(key: PublicKey) -> Parsed? { parsed[key] }
}
