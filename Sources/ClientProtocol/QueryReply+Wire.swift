package import Wire

extension QueryReply: WireCodable {
  /// About the bytes that it takes when written; exactly those of the commonest kind.
  package var encodedSize: Int {
    switch self {
    case .item(let item?): 14 + item.bytes.count
    case .item(nil), .closed: 2
    case .count: 17
    case .page, .names, .failed: 480
    case .piece(let piece): 21 + piece.bytes.count
    }
  }

  /// Writes the kind of reply and its fields.
  package func encode(into writer: inout ByteWriter) {
    switch self {
    case .failed(let failure):
      writer.write(UInt8(0))
      writer.write(failure)
    case .item(let item):
      writer.write(UInt8(1))
      writer.write(item != nil)
      if let item { writer.write(item) }
    case .page(let page):
      writer.write(UInt8(2))
      writer.write(page)
    case .count(let count, let revision):
      writer.write(UInt8(3))
      writer.write(count)
      writer.write(revision)
    case .names(let names):
      writer.write(UInt8(4))
      writer.write(UInt32(names.count))
      for name in names { writer.writeText(name, cutAt: Int(UInt16.max)) }
    case .closed:
      writer.write(UInt8(5))
    case .piece(let piece):
      writer.write(UInt8(6))
      writer.write(piece.atRevision)
      writer.write(piece.cursor)
      writer.writeBlob(piece.bytes)
    }
  }

  /// Reads a reply.
  package init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    switch try reader.read(UInt8.self) {
    case 0: self = .failed(try reader.read())
    case 1: self = .item(try reader.readBool() ? try reader.read() : nil)
    case 2: self = .page(try reader.read())
    case 3: self = .count(try reader.read(), atRevision: try reader.read())
    case 4: self = .names(try Self.readNames(from: &reader))
    case 5: self = .closed
    case 6: self = .piece(try Self.readPiece(from: &reader))
    default: throw .badValue("query reply", offset: offset)
    }
  }

  private static func readPiece(from reader: inout ByteReader) throws(WireError) -> Piece {
    Piece(
      atRevision: try reader.read(),
      cursor: try reader.read(),
      bytes: try reader.readBlob(max: Limits.pieceSizeMax)
    )
  }

  private static func readNames(from reader: inout ByteReader) throws(WireError) -> [String] {
    let count = try reader.readCount(max: Limits.namesMax)
    var names: [String] = []
    for _ in 0..<count {
      names.append(try reader.readText(max: Int(UInt16.max)))
    }
    return names
  }
}

extension QueryReply.Item: WireCodable {
  /// Writes revision and bytes.
  package func encode(into writer: inout ByteWriter) {
    writer.write(revision)
    writer.writeBlob(bytes)
  }

  /// Reads an item.
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(revision: try reader.read(), bytes: Bytes(try reader.readDocument()))
  }
}

extension QueryReply.Page: WireCodable {
  /// Writes revision, cursor and entries.
  package func encode(into writer: inout ByteWriter) {
    writer.write(atRevision)
    writer.write(cursor)
    writer.write(UInt32(entries.count))
    for entry in entries {
      writer.writeKey(entry.key)
      writer.write(entry.item)
    }
  }

  /// Reads a page.
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(atRevision: try reader.read(), cursor: try reader.read(), entries: [])
    let count = try reader.readCount(max: Limits.pageItemsMax)
    for _ in 0..<count {
      entries.append(QueryReply.Entry(key: try reader.readKey(), item: try reader.read()))
    }
  }
}

extension QueryReply {
  /// Whether the bytes of a reply are those of a piece.
  package static func isPiece(encoded bytes: [UInt8]) -> Bool { bytes.first == 6 }

  /// The cursor in the bytes of a reply, without decoding its entries; 0 if there is none.
  package static func cursor(ofEncoded bytes: [UInt8]) -> UInt64 {
    var reader = ByteReader(bytes)
    do {
      guard [2, 6].contains(try reader.read(UInt8.self)) else { return 0 }
      try reader.skip(MemoryLayout<UInt64>.size)
      return try reader.read()
    } catch {
      return 0
    }
  }
}
