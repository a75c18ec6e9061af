extension ErrorCode {
  /// What a person can do next, as a sentence without capital and stop.
  package var advice: String {
    switch self {
    case .badRequest: "look whether the URL names the port for clients; else report it"
    case .badFrame, .internalError: "report it together with the node's log"
    case .unsupportedVersion, .unknownCommand: "bring client and nodes to the same release"
    case .wrongCluster: "check the URL; this node belongs to another cluster"
    case .tooLarge, .documentTooLarge, .idTooLarge: "store less in one piece"
    case .unauthorized: "use a principal that may do this"
    case .wrongMode:
      "a cluster of mode bft needs ?genesis=PATH&key=PATH in its URL, one of mode raft neither"
    case .keyFile, .badKey, .keyUnknown:
      "name the key of a client (key=PATH); genesis create --mode bft put it beside the genesis"
    case .invalidGenesis, .fileError: "name the file that the cluster was made with (genesis=PATH)"
    case .tooFewAnswers:
      "look whether the nodes are up (lockstep cluster status); if it was a write, ask for its "
        + "outcome before writing again"
    case .nodesDisagree:
      "more nodes are faulty than the cluster bears, or this is another cluster: look at the "
        + "nodes' logs before anything else is believed"
    case .invalidArgument, .invalidURL, .invalidName, .invalidID: "correct it and try again"
    case .invalidDocument, .invalidJSON, .numberOutOfRange, .duplicateField, .nestingTooDeep:
      "correct the document at the place named"
    case .unknownCollection: "create the collection, or look for a misspelt name"
    case .collectionExists: "use it, or drop it first"
    case .notFound: "look whether the id is right"
    case .alreadyExists: "use put to replace it, or another id"
    case .revisionConflict: "read it again, decide again, then retry with the new revision"
    case .typeMismatch: "read the value first; increments need a whole number"
    case .integerOverflow: "choose a smaller step"
    case .cursorExpired: "start the scan again"
    case .limitExceeded: "remove what is not needed, or keep more in one"
    case .sessionExpired, .sequenceAnswered, .sequencePastWindow, .sequenceSealed:
      "read what you were about to write, then write again if it is missing"
    case .tooManySessions: "close idle clients"
    case .notLeader, .noLeader, .leadershipLost, .transferInProgress:
      "wait a moment and retry; a majority of the nodes must be up (lockstep cluster status)"
    case .transferFailed: "look at lockstep cluster status and choose a node that is up"
    case .overloaded: "retry later, with fewer requests at once"
    case .diskFull: "make room on the node's disk"
    case .tooStale: "allow a greater lag, or read linearizably"
    case .statesDiffer:
      "compare the nodes (lockstep cluster status, their logs), then restart them one by one"
    case .nodeFenced: "restart that node; it then replays its log"
    case .changeInProgress, .leaderUnsettled:
      "wait a moment and retry; lockstep cluster member ls shows how far it is"
    case .memberUnknown, .memberExists: "look at lockstep cluster member ls"
    case .membersOutOfBounds: "a cluster has 1 to 7 voters and at most 7 learners"
    case .wouldLoseQuorum: "bring the nodes that are down back first (lockstep cluster status)"
    case .learnerBehind: "wait until it has caught up (lockstep cluster status), then retry"
    case .deadlineExceeded, .connectionLost, .cancelled:
      "if it was a write, ask for its outcome or read before writing again"
    case .cannotConnect: "check the addresses, and whether the servers are running"
    case .clientClosed: "connect a new client"
    case .encodingFailed, .decodingFailed: "compare the document with the Swift type"
    case .addressInUse: "stop the other process or choose another port"
    case .directoryLocked: "stop the other server, or use its own data directory"
    case .directoryForeign, .directoryEmpty: "name the right directory, or run lockstep server init"
    case .journalCorrupt: "keep the directory as it is and restore the node from its peers"
    }
  }
}
