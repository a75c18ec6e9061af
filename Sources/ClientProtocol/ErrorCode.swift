/// Every error that wire, client and command line can name: one list of stable strings.
///
/// `docs/formats/wire.md` shows it as a table; a test compares the two.
package enum ErrorCode: String, CaseIterable, Sendable {
  /// The payload of an intact frame cannot be read, or asks for nothing this node knows.
  case badRequest = "bad_request"
  /// The bytes are no frame of this protocol; the connection ends.
  case badFrame = "bad_frame"
  /// No protocol or frame version is known to both sides.
  case unsupportedVersion = "unsupported_version"
  /// The node belongs to another cluster than the one asked for.
  case wrongCluster = "wrong_cluster"
  /// A frame or request is over its limit.
  case tooLarge = "too_large"
  /// A command or query of a version or kind that this node does not know.
  case unknownCommand = "unknown_command"
  /// The principal may not do this.
  case unauthorized
  /// The cluster is of another mode than the URL says, or its mode does not know what was asked.
  case wrongMode = "wrong_mode"
  /// The file of a private key cannot be read, or others may read it.
  case keyFile = "key_file"
  /// Bytes or a file that hold no usable key.
  case badKey = "bad_key"
  /// The genesis names no client of this key.
  case keyUnknown = "key_unknown"
  /// A genesis file is none; the message names the field.
  case invalidGenesis = "invalid_genesis"
  /// A file could not be read; the reason is the system's.
  case fileError = "file_error"
  /// An argument is out of its range.
  case invalidArgument = "invalid_argument"
  /// A connection URL cannot be read; the message names the part.
  case invalidURL = "invalid_url"
  /// A database or collection name is empty, too long or has forbidden characters.
  case invalidName = "invalid_name"
  /// A value of this type cannot be an id or a key.
  case invalidID = "invalid_id"
  /// An id or key is over 1 KiB.
  case idTooLarge = "id_too_large"
  /// The bytes are no BSON document that may be stored.
  case invalidDocument = "invalid_document"
  /// A document or value is over the limit.
  case documentTooLarge = "document_too_large"
  /// Text is no JSON; the message names line and column.
  case invalidJSON = "invalid_json"
  /// A JSON number fits none of the number types.
  case numberOutOfRange = "number_out_of_range"
  /// A document names a field twice.
  case duplicateField = "duplicate_field"
  /// A document nests deeper than 64 levels.
  case nestingTooDeep = "nesting_too_deep"
  /// There is no such collection.
  case unknownCollection = "unknown_collection"
  /// There is such a collection already.
  case collectionExists = "collection_exists"
  /// There is no document or key of this id.
  case notFound = "not_found"
  /// There is a document of this id already.
  case alreadyExists = "already_exists"
  /// The document or key is at another revision than the one named.
  case revisionConflict = "revision_conflict"
  /// The stored value has another type than the operation needs.
  case typeMismatch = "type_mismatch"
  /// The result of an increment does not fit 64 bits.
  case integerOverflow = "integer_overflow"
  /// The frozen state of a scan is no longer held; start it again.
  case cursorExpired = "cursor_expired"
  /// There are as many things of this kind as there may be.
  case limitExceeded = "limit_exceeded"
  /// The session has expired, was closed, or never was.
  case sessionExpired = "session_expired"
  /// The client has said that it saw the answer of this sequence.
  case sequenceAnswered = "sequence_answered"
  /// The sequence lies more than a window above what was answered.
  case sequencePastWindow = "sequence_past_window"
  /// The outcome of this sequence was asked for and settled before it arrived.
  case sequenceSealed = "sequence_sealed"
  /// Every session slot is taken by a session in use.
  case tooManySessions = "too_many_sessions"
  /// This node does not lead; the answer's head names the leader where it is known.
  case notLeader = "not_leader"
  /// No leader could be confirmed in time.
  case noLeader = "no_leader"
  /// The node lost its leadership while the request was on its way.
  case leadershipLost = "leadership_lost"
  /// Leadership is being handed over.
  case transferInProgress = "transfer_in_progress"
  /// The target of a transfer is unknown, is the leader itself, or did not take over.
  case transferFailed = "transfer_failed"
  /// More is waiting than the node is willing to hold.
  case overloaded
  /// The journal has no room for a client's write.
  case diskFull = "disk_full"
  /// A stale read found the leader's last word older than asked for.
  case tooStale = "too_stale"
  /// The nodes' states differ and no majority is known to agree: nothing is read or written.
  case statesDiffer = "states_differ"
  /// This node's state differs from a majority's; another node answers.
  case nodeFenced = "node_fenced"
  /// An earlier change of the members is not through yet.
  case changeInProgress = "change_in_progress"
  /// The leader has not committed anything of its own term yet.
  case leaderUnsettled = "leader_unsettled"
  /// There is no such member, or no such voter.
  case memberUnknown = "member_unknown"
  /// There is such a member already, or the id belongs to another data directory.
  case memberExists = "member_exists"
  /// There would be no voter, too many voters or learners, or an address that is none or
  /// another's.
  case membersOutOfBounds = "members_out_of_bounds"
  /// Too few of the voters that remain are up.
  case wouldLoseQuorum = "would_lose_quorum"
  /// The learner has not caught up.
  case learnerBehind = "learner_behind"
  /// No answer came in time.
  case deadlineExceeded = "deadline_exceeded"
  /// The caller stopped waiting.
  case cancelled
  /// The connection ended before the answer came.
  case connectionLost = "connection_lost"
  /// No node could be reached.
  case cannotConnect = "cannot_connect"
  /// The client was closed before or during the call.
  case clientClosed = "client_closed"
  /// Fewer nodes answered than it takes to believe them.
  case tooFewAnswers = "too_few_answers"
  /// So many nodes answered that they should be believed, and they do not say the same.
  case nodesDisagree = "nodes_disagree"
  /// A Swift value has no form as a document; the message names the coding path.
  case encodingFailed = "encoding_failed"
  /// A document does not have the form of the Swift type; the message names the coding path.
  case decodingFailed = "decoding_failed"
  /// Another process listens on this address.
  case addressInUse = "address_in_use"
  /// Another process uses this data directory.
  case directoryLocked = "directory_locked"
  /// The data directory belongs to another node or cluster.
  case directoryForeign = "directory_foreign"
  /// The data directory was never made by `server init`.
  case directoryEmpty = "directory_empty"
  /// The journal is damaged where it was durable; nothing was changed.
  case journalCorrupt = "journal_corrupt"
  /// A fault of Lockstep itself.
  case internalError = "internal"
}
