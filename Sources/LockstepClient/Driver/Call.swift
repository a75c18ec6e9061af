import Transport

/// A call under way; it lives on the driver's thread.
final class Call {
  /// Where the ids of a driver's own calls begin.
  static let firstOfOurs: UInt64 = 1 << 62

  /// The number that events show.
  let id: UInt64
  /// What is wanted.
  let work: Work
  /// How long the caller, or each page of a stream, may wait.
  let timeoutMicroseconds: UInt64
  /// When the call began.
  let startedAt: UInt64
  /// Takes the result, once.
  private let resume: (Result<Answer, LockstepError>) -> Void

  /// When the caller gives up.
  var deadline: UInt64
  /// Its place in its session, once it has one.
  var write: WriteID?
  /// An earlier copy was sent and its fate is unknown.
  var isUncertain = false
  /// How often it was sent again.
  var retries = 0
  /// How often it followed a hint at once.
  var redirects = 0
  /// Pages that may still come without further credit (streams).
  var credit = 0
  /// A page has come, so that the stream can only go on where it is.
  var hasPages = false
  /// Where a stream goes on, in a cluster that may lie; 0 before its first and after its last page.
  var cursor: UInt64 = 0
  /// A read that is asked of all nodes at once, in a cluster that may lie.
  var isFast = false
  /// Its request on the way through the order, in a cluster that may lie.
  var operation: OrderedOperation?
  /// Why the last copy was not carried out.
  var lastRefusal: LockstepError?
  /// Where the last copy went, and under which request id.
  var link: NodeLink?
  var requestID: UInt64 = 0
  var deadlineTimer: AlarmID?
  var retryTimer: AlarmID?
  private(set) var isFinished = false

  /// Whether the driver itself made the call.
  var isOurs: Bool { id >= Self.firstOfOurs }

  /// Whether it can go on nowhere else, and cannot be begun again.
  var isBoundToItsNode: Bool {
    switch work {
    case .stream: hasPages
    case .transferLeader, .changeMembers: true
    default: false
    }
  }

  init(
    id: UInt64,
    work: Work,
    timeoutMicroseconds: UInt64,
    now: UInt64,
    resume: @escaping (Result<Answer, LockstepError>) -> Void
  ) {
    self.id = id
    self.work = work
    self.timeoutMicroseconds = timeoutMicroseconds
    self.resume = resume
    startedAt = now
    deadline = now &+ timeoutMicroseconds
  }

  /// Hands the result to whoever waits.
  func finish(_ result: Result<Answer, LockstepError>) {
    guard !isFinished else { return }
    isFinished = true
    if case .stream(_, _, let buffer) = work { buffer.finish(result.failure) }
    resume(result)
  }
}
