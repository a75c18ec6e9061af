import ClientProtocol

extension LockstepError.Code {
  /// The payload of an intact frame cannot be read, or asks for nothing this node knows.
  public static let badRequest = Self(.badRequest)
  /// The bytes are no frame of this protocol; the connection ends.
  public static let badFrame = Self(.badFrame)
  /// No protocol or frame version is known to both sides.
  public static let unsupportedVersion = Self(.unsupportedVersion)
  /// The node belongs to another cluster than the one asked for.
  public static let wrongCluster = Self(.wrongCluster)
  /// A frame or request is over its limit.
  public static let tooLarge = Self(.tooLarge)
  /// A command or query of a version or kind that this node does not know.
  public static let unknownCommand = Self(.unknownCommand)
  /// The principal may not do this.
  public static let unauthorized = Self(.unauthorized)
  /// The cluster is of another mode than the URL says, or its mode does not know what was asked.
  public static let wrongMode = Self(.wrongMode)
  /// The file of a private key cannot be read, or others may read it.
  public static let keyFile = Self(.keyFile)
  /// Bytes or a file that hold no usable key.
  public static let badKey = Self(.badKey)
  /// The genesis names no client of this key.
  public static let keyUnknown = Self(.keyUnknown)
  /// A genesis file is none; the message names the field.
  public static let invalidGenesis = Self(.invalidGenesis)
  /// A file could not be read; the reason is the system's.
  public static let fileError = Self(.fileError)
  /// An argument is out of its range.
  public static let invalidArgument = Self(.invalidArgument)
  /// A connection URL cannot be read; the message names the part.
  public static let invalidURL = Self(.invalidURL)
  /// A database or collection name is empty, too long or has forbidden characters.
  public static let invalidName = Self(.invalidName)
  /// A value of this type cannot be an id or a key.
  public static let invalidID = Self(.invalidID)
  /// An id or key is over 1 KiB.
  public static let idTooLarge = Self(.idTooLarge)
  /// The bytes are no BSON document that may be stored.
  public static let invalidDocument = Self(.invalidDocument)
  /// A document or value is over the limit.
  public static let documentTooLarge = Self(.documentTooLarge)
  /// Text is no JSON; the message names line and column.
  public static let invalidJSON = Self(.invalidJSON)
  /// A JSON number fits none of the number types.
  public static let numberOutOfRange = Self(.numberOutOfRange)
  /// A document names a field twice.
  public static let duplicateField = Self(.duplicateField)
  /// A document nests deeper than 64 levels.
  public static let nestingTooDeep = Self(.nestingTooDeep)
  /// There is no such collection.
  public static let unknownCollection = Self(.unknownCollection)
  /// There is such a collection already.
  public static let collectionExists = Self(.collectionExists)
  /// There is no document or key of this id.
  public static let notFound = Self(.notFound)
  /// There is a document of this id already.
  public static let alreadyExists = Self(.alreadyExists)
  /// The document or key is at another revision than the one named.
  public static let revisionConflict = Self(.revisionConflict)
  /// The stored value has another type than the operation needs.
  public static let typeMismatch = Self(.typeMismatch)
  /// The result of an increment does not fit 64 bits.
  public static let integerOverflow = Self(.integerOverflow)
  /// The frozen state of a scan is no longer held; start it again.
  public static let cursorExpired = Self(.cursorExpired)
  /// There are as many things of this kind as there may be.
  public static let limitExceeded = Self(.limitExceeded)
  /// The session has expired, was closed, or never was.
  public static let sessionExpired = Self(.sessionExpired)
  /// The client has said that it saw the answer of this sequence.
  public static let sequenceAnswered = Self(.sequenceAnswered)
  /// The sequence lies more than a window above what was answered.
  public static let sequencePastWindow = Self(.sequencePastWindow)
  /// The outcome of this sequence was asked for and settled before it arrived.
  public static let sequenceSealed = Self(.sequenceSealed)
  /// Every session slot is taken by a session in use.
  public static let tooManySessions = Self(.tooManySessions)
  /// This node does not lead; the answer's head names the leader where it is known.
  public static let notLeader = Self(.notLeader)
  /// No leader could be confirmed in time.
  public static let noLeader = Self(.noLeader)
  /// The node lost its leadership while the request was on its way.
  public static let leadershipLost = Self(.leadershipLost)
  /// Leadership is being handed over.
  public static let transferInProgress = Self(.transferInProgress)
  /// The target of a transfer is unknown, is the leader itself, or did not take over.
  public static let transferFailed = Self(.transferFailed)
  /// More is waiting than the node is willing to hold.
  public static let overloaded = Self(.overloaded)
  /// The journal has no room for a client's write.
  public static let diskFull = Self(.diskFull)
  /// A stale read found the leader's last word older than asked for.
  public static let tooStale = Self(.tooStale)
  /// The nodes' states differ and no majority is known to agree.
  public static let statesDiffer = Self(.statesDiffer)
  /// The node's state differs from a majority's; another node answers.
  public static let nodeFenced = Self(.nodeFenced)
  /// An earlier change of the members is not through yet.
  public static let changeInProgress = Self(.changeInProgress)
  /// The leader has not committed anything of its own term yet.
  public static let leaderUnsettled = Self(.leaderUnsettled)
  /// There is no such member, or no such voter.
  public static let memberUnknown = Self(.memberUnknown)
  /// There is such a member already, or the id belongs to another data directory.
  public static let memberExists = Self(.memberExists)
  /// There would be no voter, too many voters or learners, or an address that is none.
  public static let membersOutOfBounds = Self(.membersOutOfBounds)
  /// Too few of the voters that remain are up.
  public static let wouldLoseQuorum = Self(.wouldLoseQuorum)
  /// The learner has not caught up.
  public static let learnerBehind = Self(.learnerBehind)
  /// No answer came in time.
  public static let deadlineExceeded = Self(.deadlineExceeded)
  /// The caller stopped waiting.
  public static let cancelled = Self(.cancelled)
  /// The connection ended before the answer came.
  public static let connectionLost = Self(.connectionLost)
  /// No node could be reached.
  public static let cannotConnect = Self(.cannotConnect)
  /// The client was closed before or during the call.
  public static let clientClosed = Self(.clientClosed)
  /// Fewer nodes answered than it takes to believe them.
  public static let tooFewAnswers = Self(.tooFewAnswers)
  /// So many nodes answered that they should be believed, and they do not say the same.
  public static let nodesDisagree = Self(.nodesDisagree)
  /// A Swift value has no form as a document; the message names the coding path.
  public static let encodingFailed = Self(.encodingFailed)
  /// A document does not have the form of the Swift type; the message names the coding path.
  public static let decodingFailed = Self(.decodingFailed)
  /// Another process listens on this address.
  public static let addressInUse = Self(.addressInUse)
  /// Another process uses this data directory.
  public static let directoryLocked = Self(.directoryLocked)
  /// The data directory belongs to another node or cluster.
  public static let directoryForeign = Self(.directoryForeign)
  /// The data directory was never made by `server init`.
  public static let directoryEmpty = Self(.directoryEmpty)
  /// The journal is damaged where it was durable; nothing was changed.
  public static let journalCorrupt = Self(.journalCorrupt)
  /// A fault of Lockstep itself.
  public static let internalError = Self(.internalError)
}
