extension ErrorCode {
  /// The numbers that stand for the codes on the wire; never reused.
  private static let wireCodes: [ErrorCode: UInt16] = [
    .badRequest: 1, .badFrame: 2, .unsupportedVersion: 3, .wrongCluster: 4, .tooLarge: 5,
    .unknownCommand: 6, .unauthorized: 7, .wrongMode: 8, .keyFile: 9, .badKey: 10,
    .keyUnknown: 11, .invalidGenesis: 12, .fileError: 13, .invalidArgument: 20, .invalidURL: 21,
    .invalidName: 22,
    .invalidID: 23, .idTooLarge: 24, .invalidDocument: 25, .documentTooLarge: 26,
    .invalidJSON: 27, .numberOutOfRange: 28, .duplicateField: 29, .nestingTooDeep: 30,
    .unknownCollection: 40, .collectionExists: 41, .notFound: 42, .alreadyExists: 43,
    .revisionConflict: 44, .typeMismatch: 45, .integerOverflow: 46, .cursorExpired: 47,
    .limitExceeded: 48, .sessionExpired: 60, .sequenceAnswered: 61, .sequencePastWindow: 62,
    .sequenceSealed: 63, .tooManySessions: 64, .notLeader: 80, .noLeader: 81, .leadershipLost: 82,
    .transferInProgress: 83, .transferFailed: 84, .overloaded: 85, .diskFull: 86, .tooStale: 87,
    .statesDiffer: 88, .nodeFenced: 89, .changeInProgress: 90, .leaderUnsettled: 91,
    .memberUnknown: 92, .memberExists: 93, .membersOutOfBounds: 94, .wouldLoseQuorum: 95,
    .learnerBehind: 96, .deadlineExceeded: 100, .cancelled: 101, .connectionLost: 102,
    .cannotConnect: 103, .clientClosed: 104, .tooFewAnswers: 107, .nodesDisagree: 108,
    .encodingFailed: 105, .decodingFailed: 106,
    .addressInUse: 120, .directoryLocked: 121, .directoryForeign: 122, .directoryEmpty: 123,
    .journalCorrupt: 124, .internalError: 140,
  ]

  /// The number that stands for the code on the wire.
  package var wireCode: UInt16 {
    guard let code = Self.wireCodes[self] else {
      fatalError("every code has its number: a test goes through them all")
    }
    return code
  }

  /// The code of a number; a number that a newer node sends is an internal error here.
  package init(wireCode: UInt16) {
    self = Self.byWireCode[wireCode] ?? .internalError
  }

  private static let byWireCode = [UInt16: ErrorCode](
    uniqueKeysWithValues: allCases.map { ($0.wireCode, $0) }
  )

  /// What is known about the effect, unless the error itself says otherwise.
  package var outcome: RequestOutcome {
    switch self {
    case .badRequest, .badFrame, .unsupportedVersion, .wrongCluster, .tooLarge,
      .unknownCommand, .unauthorized, .wrongMode, .keyFile, .badKey, .keyUnknown,
      .invalidGenesis, .fileError, .invalidArgument, .invalidURL, .invalidName, .invalidID,
      .idTooLarge, .invalidDocument, .documentTooLarge, .invalidJSON, .numberOutOfRange,
      .duplicateField, .nestingTooDeep, .unknownCollection, .collectionExists, .notFound,
      .alreadyExists, .revisionConflict, .typeMismatch, .integerOverflow, .cursorExpired,
      .limitExceeded, .sessionExpired, .sequenceAnswered, .sequencePastWindow, .sequenceSealed,
      .tooManySessions, .notLeader, .noLeader, .transferInProgress, .transferFailed,
      .overloaded, .diskFull, .tooStale, .statesDiffer, .nodeFenced, .cannotConnect,
      .clientClosed, .encodingFailed, .addressInUse, .directoryLocked, .directoryForeign,
      .directoryEmpty, .journalCorrupt, .changeInProgress, .leaderUnsettled, .memberUnknown,
      .memberExists, .membersOutOfBounds, .wouldLoseQuorum, .learnerBehind:
      .notApplied
    case .leadershipLost, .deadlineExceeded, .cancelled, .connectionLost, .tooFewAnswers,
      .nodesDisagree, .internalError:
      .unknown
    case .decodingFailed:
      .done
    }
  }

  /// Whether the same request may succeed later without any change.
  package var isRetryable: Bool {
    switch self {
    case .tooManySessions, .notLeader, .noLeader, .leadershipLost, .transferInProgress,
      .transferFailed, .overloaded, .diskFull, .tooStale, .statesDiffer, .nodeFenced,
      .deadlineExceeded, .connectionLost, .cannotConnect, .changeInProgress, .leaderUnsettled,
      .learnerBehind, .tooFewAnswers:
      true
    case .badRequest, .badFrame, .unsupportedVersion, .wrongCluster, .tooLarge,
      .unknownCommand, .unauthorized, .wrongMode, .keyFile, .badKey, .keyUnknown,
      .invalidGenesis, .fileError, .nodesDisagree, .invalidArgument, .invalidURL, .invalidName,
      .invalidID,
      .idTooLarge, .invalidDocument, .documentTooLarge, .invalidJSON, .numberOutOfRange,
      .duplicateField, .nestingTooDeep, .unknownCollection, .collectionExists, .notFound,
      .alreadyExists, .revisionConflict, .typeMismatch, .integerOverflow, .cursorExpired,
      .limitExceeded, .sessionExpired, .sequenceAnswered, .sequencePastWindow, .sequenceSealed,
      .cancelled, .clientClosed, .encodingFailed, .decodingFailed, .addressInUse, .directoryLocked,
      .directoryForeign, .directoryEmpty, .journalCorrupt, .memberUnknown, .memberExists,
      .membersOutOfBounds, .wouldLoseQuorum, .internalError:
      false
    }
  }

  /// How the command line ends when this error ends it.
  package var exitCode: ExitCode {
    switch self {
    case .badRequest, .badFrame, .unsupportedVersion, .wrongCluster, .tooLarge, .unknownCommand,
      .wrongMode, .keyFile, .badKey, .invalidGenesis, .fileError, .invalidName, .invalidID,
      .idTooLarge, .invalidDocument, .documentTooLarge, .invalidJSON,
      .numberOutOfRange, .duplicateField, .nestingTooDeep, .typeMismatch, .integerOverflow,
      .cursorExpired, .limitExceeded, .sessionExpired, .sequenceAnswered, .sequencePastWindow,
      .sequenceSealed, .tooManySessions, .transferFailed, .overloaded, .diskFull, .tooStale,
      .clientClosed, .encodingFailed, .decodingFailed, .addressInUse, .directoryLocked,
      .directoryForeign, .directoryEmpty, .membersOutOfBounds, .wouldLoseQuorum, .learnerBehind,
      .internalError:
      .failed
    case .unauthorized, .keyUnknown:
      .refused
    case .invalidArgument, .invalidURL:
      .usage
    case .unknownCollection, .notFound, .memberUnknown:
      .notFound
    case .collectionExists, .alreadyExists, .revisionConflict, .memberExists:
      .conflict
    case .notLeader, .noLeader, .transferInProgress, .statesDiffer, .nodeFenced,
      .changeInProgress, .leaderUnsettled:
      .unavailable
    case .leadershipLost, .deadlineExceeded, .connectionLost, .tooFewAnswers:
      .noAnswer
    case .cancelled:
      .interrupted
    case .cannotConnect:
      .cannotConnect
    case .journalCorrupt, .nodesDisagree:
      .checkFailed
    }
  }
}
