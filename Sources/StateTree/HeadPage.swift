import Consensus
import Wire

/// The first page of a state: its digest is the root.
struct HeadPage {
  let head: [UInt8]
  /// The root of the catalog; zero if there is no table.
  let catalog: Digest

  private static let version: UInt8 = 1

  init(head: [UInt8], catalog: Digest) {
    self.head = head
    self.catalog = catalog
  }

  init(_ page: [UInt8]) throws(WireError) {
    var reader = ByteReader(page)
    let version = try reader.read(UInt8.self)
    guard version == Self.version else {
      throw .unsupportedVersion(UInt16(version), what: "a state's first page")
    }
    catalog = try reader.read()
    head = try reader.readBlob(max: StateTree.headSizeMax)
    try reader.expectEnd()
  }

  var piece: StatePiece {
    var writer = ByteWriter(capacity: head.count + 40)
    writer.write(Self.version)
    writer.write(catalog)
    writer.writeBlob(head)
    return StatePiece(.head, writer.finish())
  }
}
