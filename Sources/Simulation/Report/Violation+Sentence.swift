extension Violation {
  /// The promise in one sentence.
  package var sentence: String {
    Self.sentences.first { $0.promise == promise }?.sentence ?? "a promise of docs/catalogue.md"
  }

  /// Every promise that a run is held to.
  static let sentences: [(promise: String, sentence: String)] = [
    ("S1", "a term has at most one leader"),
    ("S2", "a node votes for one candidate in a term, over its crashes as well"),
    ("S3", "what a message promises is on the sender's disk before it leaves"),
    ("S4", "a leader only appends to its log"),
    ("S5", "two logs with an entry of equal index and term are equal up to it"),
    ("S6", "a leader holds every entry committed in earlier terms"),
    ("S7", "all nodes apply the same command at the same index, with the same effect"),
    ("S8", "a leader commits by counting only entries of its own term"),
    ("S9", "a node commits and acknowledges only what it has compared with the leader's log"),
    ("S10", "a term never goes back, and no commit index within one life of a process"),
    ("S11", "a committed entry is never truncated"),
    ("R1", "clients see one order of all operations that fits the times of their calls"),
    ("R2", "a client never reads a state older than it asked for"),
    ("R3", "what clients and operators are told is true"),
    ("R4", "a write takes effect at most once"),
    ("T4", "sessions live by the time that leaders have been in office, told by their clocks"),
    ("W1", "what is committed or acknowledged is on the disks of a quorum"),
    ("W2", "recovery gives back everything that was synced, and nothing else"),
    ("W4", "no copy of a committed entry is let go that no snapshot there includes"),
    ("W5", "whoever has lost something says nothing that needs it until it has it again"),
    ("W6", "a snapshot is the state that all nodes have at its entry, and takes none of them back"),
    ("W7", "nodes that have applied the same entries have equal states"),
    ("W8", "snapshots and log are bounded, however much is written"),
    ("L1", "soon after the faults have stopped there is a leader"),
    ("L2", "the leader stays while nothing is wrong"),
    ("L3", "every request is answered within its deadline"),
    ("L4", "in the end all nodes have applied everything"),
    ("L5", "terms rise only as somebody stands, and idle nodes say little"),
    ("L6", "who does badly does not lead, and does not hold up the others"),
    ("M1", "whoever decides has a quorum of the newest configuration of its log"),
    ("M2", "a leader changes the members only once it has committed in its term"),
    ("M3", "one change of the members at a time, and it comes to an end"),
    ("M4", "whoever was removed and knows it asks for no votes"),
    ("M6", "a snapshot has the configuration that its entries end with"),
    ("P8", "nobody is sent, nor has to carry out, what its build does not know"),
    ("P9", "a node starts on no other node's directory"),
    ("X1", "equal seeds give equal runs"),
    ("D6", "a disk that works is never reported as broken"),
    ("D15", "a node whose disk was wiped counts again only as another member, known for good"),
    ("D16", "a node whose disk was put back is refused, and no other is"),
    ("N2", "a frame that arrives whole can be read"),
    ("N9", "what waits for a peer that does not read is bounded"),
    ("N11", "messages go to members only"),
  ]
}
