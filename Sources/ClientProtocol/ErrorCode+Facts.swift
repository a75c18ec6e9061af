extension ErrorCode {
  /// The number that stands for the code on the wire; never reused.
  package var wireCode: UInt16 {
    switch self {
    case .badRequest: 1
    case .badFrame: 2
    case .unsupportedVersion: 3
    case .wrongCluster: 4
    case .tooLarge: 5
    case .unknownCommand: 6
    case .unauthorized: 7
    case .invalidArgument: 20
    case .invalidURL: 21
    case .invalidName: 22
    case .invalidID: 23
    case .idTooLarge: 24
    case .invalidDocument: 25
    case .documentTooLarge: 26
    case .invalidJSON: 27
    case .numberOutOfRange: 28
    case .duplicateField: 29
    case .nestingTooDeep: 30
    case .unknownCollection: 40
    case .collectionExists: 41
    case .notFound: 42
    case .alreadyExists: 43
    case .revisionConflict: 44
    case .typeMismatch: 45
    case .integerOverflow: 46
    case .cursorExpired: 47
    case .limitExceeded: 48
    case .sessionExpired: 60
    case .sequenceAnswered: 61
    case .sequencePastWindow: 62
    case .sequenceSealed: 63
    case .tooManySessions: 64
    case .notLeader: 80
    case .noLeader: 81
    case .leadershipLost: 82
    case .transferInProgress: 83
    case .transferFailed: 84
    case .overloaded: 85
    case .diskFull: 86
    case .tooStale: 87
    case .statesDiffer: 88
    case .nodeFenced: 89
    case .deadlineExceeded: 100
    case .cancelled: 101
    case .connectionLost: 102
    case .cannotConnect: 103
    case .clientClosed: 104
    case .encodingFailed: 105
    case .decodingFailed: 106
    case .addressInUse: 120
    case .directoryLocked: 121
    case .directoryForeign: 122
    case .directoryEmpty: 123
    case .journalCorrupt: 124
    case .internalError: 140
    }
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
      .unknownCommand, .unauthorized, .invalidArgument, .invalidURL, .invalidName, .invalidID,
      .idTooLarge, .invalidDocument, .documentTooLarge, .invalidJSON, .numberOutOfRange,
      .duplicateField, .nestingTooDeep, .unknownCollection, .collectionExists, .notFound,
      .alreadyExists, .revisionConflict, .typeMismatch, .integerOverflow, .cursorExpired,
      .limitExceeded, .sessionExpired, .sequenceAnswered, .sequencePastWindow, .sequenceSealed,
      .tooManySessions, .notLeader, .noLeader, .transferInProgress, .transferFailed,
      .overloaded, .diskFull, .tooStale, .statesDiffer, .nodeFenced, .cannotConnect,
      .clientClosed, .encodingFailed, .addressInUse, .directoryLocked, .directoryForeign,
      .directoryEmpty, .journalCorrupt:
      .notApplied
    case .leadershipLost, .deadlineExceeded, .cancelled, .connectionLost, .internalError:
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
      .deadlineExceeded, .connectionLost, .cannotConnect:
      true
    case .badRequest, .badFrame, .unsupportedVersion, .wrongCluster, .tooLarge,
      .unknownCommand, .unauthorized, .invalidArgument, .invalidURL, .invalidName, .invalidID,
      .idTooLarge, .invalidDocument, .documentTooLarge, .invalidJSON, .numberOutOfRange,
      .duplicateField, .nestingTooDeep, .unknownCollection, .collectionExists, .notFound,
      .alreadyExists, .revisionConflict, .typeMismatch, .integerOverflow, .cursorExpired,
      .limitExceeded, .sessionExpired, .sequenceAnswered, .sequencePastWindow, .sequenceSealed,
      .cancelled, .clientClosed, .encodingFailed, .decodingFailed, .addressInUse, .directoryLocked,
      .directoryForeign, .directoryEmpty, .journalCorrupt, .internalError:
      false
    }
  }

  /// How the command line ends when this error ends it.
  package var exitCode: ExitCode {
    switch self {
    case .badRequest, .badFrame, .unsupportedVersion, .wrongCluster, .tooLarge, .unknownCommand,
      .invalidName, .invalidID, .idTooLarge, .invalidDocument, .documentTooLarge, .invalidJSON,
      .numberOutOfRange, .duplicateField, .nestingTooDeep, .typeMismatch, .integerOverflow,
      .cursorExpired, .limitExceeded, .sessionExpired, .sequenceAnswered, .sequencePastWindow,
      .sequenceSealed, .tooManySessions, .transferFailed, .overloaded, .diskFull, .tooStale,
      .clientClosed, .encodingFailed, .decodingFailed, .addressInUse, .directoryLocked,
      .directoryForeign, .directoryEmpty, .internalError:
      .failed
    case .unauthorized:
      .refused
    case .invalidArgument, .invalidURL:
      .usage
    case .unknownCollection, .notFound:
      .notFound
    case .collectionExists, .alreadyExists, .revisionConflict:
      .conflict
    case .notLeader, .noLeader, .transferInProgress, .statesDiffer, .nodeFenced:
      .unavailable
    case .leadershipLost, .deadlineExceeded, .connectionLost:
      .noAnswer
    case .cancelled:
      .interrupted
    case .cannotConnect:
      .cannotConnect
    case .journalCorrupt:
      .checkFailed
    }
  }
}
