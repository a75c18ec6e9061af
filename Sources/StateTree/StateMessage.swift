import Consensus
package import Wire

/// What replicas say to each other when one needs a state (docs/formats/state-tree.md).
///
/// Nothing of it is signed, and nothing needs to be: every piece is what its digest says.
package enum StateMessage: Equatable, Sendable {
  /// Send me these; the answer bears the same number.
  case ask(number: UInt64, wants: [StateWant])
  /// The first so many of what was asked for, in that order; nil for what is not here.
  case answer(number: UInt64, pieces: [StatePiece?])

  /// The most wants of one question.
  package static let wantsMax = 64
  /// The size of a message's bytes that nothing honest exceeds.
  package static let sizeMax = 4 << 20
}

extension StateMessage: WireCodable {
  private static let askKind: UInt8 = 1
  private static let answerKind: UInt8 = 2

  /// Writes kind, number and what is asked or answered.
  package func encode(into writer: inout ByteWriter) {
    switch self {
    case .ask(let number, let wants):
      writer.write(Self.askKind)
      writer.write(number)
      writer.writeList(wants)
    case .answer(let number, let pieces):
      writer.write(Self.answerKind)
      writer.write(number)
      writer.write(UInt32(pieces.count))
      for piece in pieces {
        writer.write(piece != nil)
        if let piece { writer.write(piece) }
      }
    }
  }

  /// Reads a message.
  package init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    switch try reader.read(UInt8.self) {
    case Self.askKind:
      self = .ask(number: try reader.read(), wants: try reader.readList(max: Self.wantsMax))
    case Self.answerKind:
      let number: UInt64 = try reader.read()
      var pieces: [StatePiece?] = []
      for _ in 0..<(try reader.readCount(max: Self.wantsMax)) {
        pieces.append(try reader.readBool() ? try reader.read() : nil)
      }
      self = .answer(number: number, pieces: pieces)
    default: throw .badValue("kind of a state message", offset: offset)
    }
  }
}

extension StatePiece: WireCodable {
  /// Writes kind and bytes.
  package func encode(into writer: inout ByteWriter) {
    writer.write(kind.rawValue)
    writer.writeBlob(bytes)
  }

  /// Reads a piece, whatever its bytes mean.
  package init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    guard let kind = Kind(rawValue: try reader.read()) else {
      throw .badValue("kind of a piece", offset: offset)
    }
    self.init(kind, try reader.readBlob(max: Self.sizeMax))
  }
}

extension StateWant: WireCodable {
  /// Writes digest and place.
  package func encode(into writer: inout ByteWriter) {
    writer.write(digest)
    writer.write(place)
  }

  /// Reads a want.
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(digest: try reader.read(), place: try reader.read())
  }
}

extension StatePlace: WireCodable {
  private static let nameSizeMax = 4_096

  private enum Kind: UInt8 {
    case head = 0
    case catalogNode = 1
    case node = 2
    case value = 3
  }

  /// Writes the kind and what leads there.
  package func encode(into writer: inout ByteWriter) {
    switch self {
    case .head: writer.write(Kind.head.rawValue)
    case .node(nil, let path):
      writer.write(Kind.catalogNode.rawValue)
      Self.write(path, into: &writer)
    case .node(let table?, let path):
      writer.write(Kind.node.rawValue)
      writer.writeBlob(table)
      Self.write(path, into: &writer)
    case .value(let table, let key):
      writer.write(Kind.value.rawValue)
      writer.writeBlob(table)
      writer.writeBlob(key)
    }
  }

  /// Reads a place, whether or not there is anything.
  package init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    switch Kind(rawValue: try reader.read()) {
    case .head?: self = .head
    case .catalogNode?: self = .node(table: nil, path: try Self.path(from: &reader))
    case .node?:
      let table = try Self.name(from: &reader)
      self = .node(table: table, path: try Self.path(from: &reader))
    case .value?:
      let table = try Self.name(from: &reader)
      self = .value(table: table, key: try Self.name(from: &reader))
    case nil: throw .badValue("kind of a place", offset: offset)
    }
  }

  private static func write(_ path: [UInt8], into writer: inout ByteWriter) {
    writer.write(UInt8(path.count))
    writer.writeRaw(path)
  }

  private static func path(from reader: inout ByteReader) throws(WireError) -> [UInt8] {
    let offset = reader.offset
    let path = try reader.readRaw(Int(try reader.read(UInt8.self)))
    guard path.count <= TrieNode.depthMax, path.allSatisfy({ $0 < TrieNode.fanOut }) else {
      throw .badValue("path in a trie", offset: offset)
    }
    return path
  }

  private static func name(from reader: inout ByteReader) throws(WireError) -> Bytes {
    Bytes(try reader.readBlob(max: nameSizeMax))
  }
}
