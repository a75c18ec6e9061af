package import Wire

extension Refusal: WireCodable {
  /// Writes one byte for the reason and four for a leader (0 = unknown).
  package func encode(into writer: inout ByteWriter) {
    writer.write(code)
    if case .notLeader(let leader) = self {
      writer.write(leader?.rawValue ?? 0)
    }
  }

  /// Reads a refusal.
  package init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    let code = try reader.read(UInt8.self)
    if code == Refusal.notLeader(leader: nil).code {
      let leader = try reader.read(UInt32.self)
      self = .notLeader(leader: leader == 0 ? nil : NodeID(leader))
      return
    }
    guard let plain = Refusal.plain.first(where: { $0.code == code }) else {
      throw .badValue("refusal", offset: offset)
    }
    self = plain
  }

  private static let plain: [Refusal] = [
    .leadershipLost, .transferInProgress, .overloaded, .diskFull, .noLeader, .sessionExpired,
    .sequenceAnswered, .sequencePastWindow, .sequenceSealed, .tooManySessions, .tooStale,
    .transferFailed, .deadlinePassed, .statesDiffer, .fenced, .changeInProgress,
    .leaderUnsettled, .memberUnknown, .memberExists, .membersOutOfBounds, .quorumWouldBeLost,
    .learnerBehind, .notOfferedByAll,
  ]

  private var code: UInt8 {
    switch self {
    case .notLeader: 1
    case .leadershipLost: 2
    case .transferInProgress: 3
    case .overloaded: 4
    case .diskFull: 5
    case .noLeader: 6
    case .sessionExpired: 7
    case .sequenceAnswered: 8
    case .sequencePastWindow: 9
    case .sequenceSealed: 10
    case .tooManySessions: 11
    case .tooStale: 12
    case .transferFailed: 13
    case .deadlinePassed: 14
    case .statesDiffer: 15
    case .fenced: 16
    case .changeInProgress: 17
    case .leaderUnsettled: 18
    case .memberUnknown: 19
    case .memberExists: 20
    case .membersOutOfBounds: 21
    case .quorumWouldBeLost: 22
    case .learnerBehind: 23
    case .notOfferedByAll: 24
    }
  }
}
