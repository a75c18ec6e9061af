import ClientProtocol
import Transport

extension Client {
  /// Until nodes that are behind are asked again.
  private static var receiptPause: Duration { .milliseconds(50) }
  /// The most bytes of a node's part: the command, its answer, and what is signed of both.
  private static var receiptPartSizeMax: Int { Limits.commandSizeMax + (16 << 10) }

  /// What f+1 nodes sign of a write of this client, to be shown to anybody.
  ///
  /// Ask soon: nodes remember the newest blocks only, and an answer only until later writes have
  /// taken its place in the session.
  ///
  /// The write is named by what its call returned: `write` of `Written` or `Stamped`.
  ///
  /// - Throws: `wrong_mode` where nodes sign nothing; `too_few_answers` if too few sign alike in
  ///   time; `cancelled` or `client_closed`. The write is done all the same.
  public func receipt(
    of write: WriteID,
    timeout: Duration? = nil
  ) async throws(LockstepError) -> WriteReceipt {
    guard let assemble = core.credentials?.assembleReceipt else {
      throw LockstepError(.wrongMode, "the nodes of a cluster of mode raft sign nothing")
    }
    let clock = ContinuousClock()
    let deadline = clock.now + (timeout ?? core.timeout)
    // The newest of each node: one that lies may have something else to say every time.
    var parts: [SocketAddress: [UInt8]] = [:]
    repeat {
      // Not by what nodes answer: one that lies may say that the client is closed.
      let addresses = try await core.addresses()
      guard !Task.isCancelled else { throw LockstepError(.cancelled, "the call was cancelled") }
      let left = max(deadline - clock.now, .milliseconds(1))
      let newest = await receiptParts(of: write, from: addresses, timeout: min(left, .seconds(1)))
      parts.merge(newest) { $1 }
      if let receipt = assemble(write, addresses.compactMap { parts[$0] }) { return receipt }
      try? await Task.sleep(for: Self.receiptPause)
    } while clock.now < deadline
    let message = "too few nodes signed a receipt of the write in time; it is done all the same"
    throw LockstepError(.tooFewAnswers, message)
  }

  /// What each node signs of a write, in bytes of its own; nodes that have forgotten it, or do not
  /// answer, are left out.
  private func receiptParts(
    of write: WriteID,
    from addresses: [SocketAddress],
    timeout: Duration
  ) async -> [SocketAddress: [UInt8]] {
    let core = core
    return await withTaskGroup(of: (SocketAddress, [UInt8]?).self) { group in
      for address in addresses {
        group.addTask {
          (address, await Self.receiptPart(of: write, from: address, core, timeout))
        }
      }
      return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
  }

  private static func receiptPart(
    of write: WriteID,
    from address: SocketAddress,
    _ core: ClientCore,
    _ timeout: Duration
  ) async -> [UInt8]? {
    do throws(LockstepError) {
      let answer = try await core.perform(.receipt(write, address), timeout: timeout)
      guard case .result(let bytes) = answer.body, bytes.count <= receiptPartSizeMax else {
        return nil
      }
      return bytes
    } catch {
      return nil
    }
  }
}
