import Consensus
import Wire

/// An entry as a page shows it: what is not in the page has its digest there.
struct PageEntry: Sendable {
  enum Kind: UInt8 {
    case small = 0
    case large = 1
    case table = 2
  }

  enum Value: Sendable {
    case small(Bytes)
    case large(Digest)
    case table(head: [UInt8], Digest)
  }

  let key: Bytes
  let stamp: UInt64
  let value: Value
}

extension PageEntry {
  /// Reads what a leaf's page holds: entries in order, in the one form that they have.
  static func entries(in page: [UInt8]) throws(WireError) -> [PageEntry] {
    var reader = ByteReader(page)
    let count = Int(try reader.read(UInt8.self))
    guard (1...TrieNode.leafMax).contains(count) else {
      throw .badValue("number of entries in a leaf", offset: 0)
    }
    var entries: [PageEntry] = []
    for _ in 0..<count {
      let offset = reader.offset
      let entry = try PageEntry(from: &reader)
      guard entries.last?.key.precedes(entry.key) ?? true else {
        throw .badValue("entry in order of keys", offset: offset)
      }
      entries.append(entry)
    }
    try reader.expectEnd()
    return entries
  }

  private init(from reader: inout ByteReader) throws(WireError) {
    key = Bytes(try reader.readRaw(Int(try reader.read(UInt16.self))))
    stamp = try reader.read()
    let offset = reader.offset
    switch Kind(rawValue: try reader.read()) {
    case .small?:
      let size = Int(try reader.read(UInt16.self))
      guard size <= TrieValue.smallSizeMax else { throw .badValue("small value", offset: offset) }
      value = .small(Bytes(try reader.readRaw(size)))
    case .large?:
      value = .large(try reader.read())
    case .table?:
      let size = Int(try reader.read(UInt16.self))
      guard size <= StateTable.headSizeMax else { throw .badValue("head", offset: offset) }
      value = .table(head: try reader.readRaw(size), try reader.read())
    case nil: throw .badValue("kind of an entry", offset: offset)
    }
  }
}
