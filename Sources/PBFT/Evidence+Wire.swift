import Consensus
package import Wire

extension Evidence: WireCodable {
  private static let formatVersion: UInt8 = 1

  private var kind: UInt8 {
    switch self {
    case .conflictingVotes: 1
    case .conflictingCheckpoints: 2
    case .sharedCounter: 3
    case .hiddenLock: 4
    case .voteAfterViewChange: 5
    case .badNewView: 6
    case .conflictingNewViews: 7
    case .badProposal: 8
    case .conflictingRequests: 9
    case .conflictingReceipts: 10
    }
  }

  /// Writes version, kind and the signed statements.
  package func encode(into writer: inout ByteWriter) {
    writer.write(Self.formatVersion)
    writer.write(kind)
    switch self {
    case .conflictingVotes(let first, let second):
      writer.write(first)
      writer.write(second)
    case .conflictingCheckpoints(let first, let second):
      writer.write(first)
      writer.write(second)
    case .sharedCounter(let first, let second):
      writer.write(first)
      writer.write(second)
    case .hiddenLock(let vote, let viewChange):
      writer.write(vote)
      writer.write(viewChange)
    case .voteAfterViewChange(let viewChange, let vote):
      writer.write(viewChange)
      writer.write(vote)
    case .badNewView(let newView):
      writer.write(newView)
    case .conflictingNewViews(let first, let second):
      writer.write(first)
      writer.write(second)
    case .badProposal(let proposal):
      writer.write(proposal)
    case .conflictingRequests(let first, let second):
      writer.write(first)
      writer.write(second)
    case .conflictingReceipts(let first, let others):
      writer.write(first)
      writer.writeList(others)
    }
  }

  /// Reads evidence; whether it proves anything is `Authority`'s question.
  package init(from reader: inout ByteReader) throws(WireError) {
    let version = try reader.read(UInt8.self)
    guard version == Self.formatVersion else {
      throw .unsupportedVersion(UInt16(version), what: "evidence")
    }
    let offset = reader.offset
    switch try reader.read(UInt8.self) {
    case 1: self = .conflictingVotes(try reader.read(), try reader.read())
    case 2: self = .conflictingCheckpoints(try reader.read(), try reader.read())
    case 3: self = .sharedCounter(try reader.read(), try reader.read())
    case 4: self = .hiddenLock(try reader.read(), try reader.read())
    case 5: self = .voteAfterViewChange(try reader.read(), try reader.read())
    case 6: self = .badNewView(try reader.read())
    case 7: self = .conflictingNewViews(try reader.read(), try reader.read())
    case 8: self = .badProposal(try reader.read())
    case 9: self = .conflictingRequests(try reader.read(), try reader.read())
    case 10:
      self = .conflictingReceipts(
        try reader.read(),
        try reader.readList(max: ReplicaNumber.countMax)
      )
    default: throw .badValue("evidence kind", offset: offset)
    }
  }
}
