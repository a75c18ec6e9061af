import Consensus
package import Wire

extension PBFTRecord: JournalRecordCodable {
  private static let formatVersion: UInt8 = 1

  /// Whether the journal keeps copies: of what is short, as a segment's head has room for 1 KiB.
  ///
  /// Nothing depends on them: a replica whose journal has a hole votes for nothing until whatever
  /// it has forgotten matters no more.
  package var isVital: Bool {
    switch self {
    case .fence: true
    case .accepted, .adopted, .prepared, .committed, .viewChange, .newView, .checkpoint, .stable,
      .restart, .summary, .fencePassed:
      false
    }
  }

  /// The record's bytes.
  package var payload: [UInt8] { encoded(expectedSize: 512) }

  private var kind: UInt8 {
    switch self {
    case .accepted: 1
    case .adopted: 2
    case .prepared: 3
    case .committed: 4
    case .viewChange: 5
    case .newView: 6
    case .checkpoint: 7
    case .stable: 8
    case .restart: 9
    case .summary: 10
    case .fence: 11
    case .fencePassed: 12
    }
  }

  /// Writes version, kind and fields.
  package func encode(into writer: inout ByteWriter) {
    writer.write(Self.formatVersion)
    writer.write(kind)
    switch self {
    case .accepted(let proposal, let prepare):
      writer.write(proposal)
      writer.writeOptional(prepare)
    case .adopted(let block): writer.write(block)
    case .prepared(let certificate, let commit):
      writer.write(certificate)
      writer.write(commit)
    case .committed(let certificate): writer.write(certificate)
    case .viewChange(let viewChange): writer.write(viewChange)
    case .newView(let newView): writer.write(newView)
    case .checkpoint(let vote): writer.write(vote)
    case .stable(let certificate): writer.write(certificate)
    case .restart(let certificate): writer.write(certificate)
    case .summary(let summary): writer.write(summary)
    case .fence(let fence): writer.write(fence)
    case .fencePassed(let counter): writer.write(counter)
    }
  }

  /// Reads a record; an unknown version is refused and names itself.
  package init(from reader: inout ByteReader) throws(WireError) {
    let version = try reader.read(UInt8.self)
    guard version == Self.formatVersion else {
      throw .unsupportedVersion(UInt16(version), what: "PBFT record")
    }
    let offset = reader.offset
    switch try reader.read(UInt8.self) {
    case 1: self = .accepted(try reader.read(), prepare: try reader.readOptional())
    case 2: self = .adopted(try reader.read())
    case 3: self = .prepared(try reader.read(), commit: try reader.read())
    case 4: self = .committed(try reader.read())
    case 5: self = .viewChange(try reader.read())
    case 6: self = .newView(try reader.read())
    case 7: self = .checkpoint(try reader.read())
    case 8: self = .stable(try reader.read())
    case 9: self = .restart(try reader.read())
    case 10: self = .summary(try reader.read())
    case 11: self = .fence(try reader.read())
    case 12: self = .fencePassed(counter: try reader.readNumber("counter"))
    default: throw .badValue("PBFT record kind", offset: offset)
    }
  }
}

extension PBFTRecord.Summary: WireCodable {
  /// The most words for states that are not stable yet.
  private static let checkpointsMax = 64

  /// Writes all fields in order.
  package func encode(into writer: inout ByteWriter) {
    writer.write(base)
    writer.write(tip)
    writer.write(view)
    writer.write(votedPlace)
    writer.write(counter)
    writer.writeOptional(high)
    writer.writeOptional(commit)
    writer.writeOptional(viewChange)
    writer.writeOptional(newView)
    writer.writeOptional(stable)
    writer.writeOptional(committed)
    writer.writeList(checkpoints)
    writer.writeOptional(fence)
  }

  /// Reads a summary.
  package init(from reader: inout ByteReader) throws(WireError) {
    base = try reader.read()
    tip = try reader.read()
    view = try reader.read()
    votedPlace = try reader.read()
    counter = try reader.readNumber("counter")
    high = try reader.readOptional()
    commit = try reader.readOptional()
    viewChange = try reader.readOptional()
    newView = try reader.readOptional()
    stable = try reader.readOptional()
    committed = try reader.readOptional()
    checkpoints = try reader.readList(max: Self.checkpointsMax)
    fence = try reader.readOptional()
  }
}

extension Fence: WireCodable {
  /// Writes all fields in order.
  package func encode(into writer: inout ByteWriter) {
    writer.write(counter)
    writer.write(stable)
    writer.write(view)
    writer.write(isKnown)
  }

  /// Reads a fence.
  package init(from reader: inout ByteReader) throws(WireError) {
    counter = try reader.readNumber("counter")
    stable = try reader.read()
    view = try reader.read()
    isKnown = try reader.readBool()
  }
}
