import ClientProtocol

/// The replies of one stream; ends it on the node when nobody reads on.
final class StreamReader {
  private let core: ClientCore
  private let buffer: PageBuffer
  private let call: UInt64
  private var isAtEnd = false

  /// Begins the stream.
  init(
    _ core: ClientCore,
    _ query: [UInt8],
    _ consistency: ReadRequest.Consistency,
    _ timeout: Duration?
  ) {
    let buffer = PageBuffer()
    self.core = core
    self.buffer = buffer
    call = core.begin(.stream(query, consistency, buffer), timeout: timeout)
  }

  deinit {
    if !isAtEnd { core.post(.cancel(id: call)) }
  }

  /// The next reply; nil behind the last.
  nonisolated(nonsending) func next()
    async throws(LockstepError) -> (reply: QueryReply, servedBy: UInt32)?
  {
    guard !isAtEnd, let page = try await nextPage() else {
      isAtEnd = true
      return nil
    }
    let reply = try QueryReply(answer: page.bytes)
    core.post(.credit(id: call))
    return (reply, page.servedBy)
  }

  private nonisolated(nonsending) func nextPage()
    async throws(LockstepError) -> PageBuffer.Page?
  {
    let (core, call) = (core, call)
    let next = await withTaskCancellationHandler {
      await buffer.next()
    } onCancel: {
      core.post(.cancel(id: call))
    }
    if case .failure = next { isAtEnd = true }
    return try next.get()
  }
}
