import ClientProtocol
import Transport

extension Client {
  /// What each node signs of a write, in bytes of its own; nodes that have forgotten it, or do not
  /// answer, are left out.
  ///
  /// f+1 of them that agree make a receipt. Ask soon: nodes remember the newest blocks only, and an
  /// answer only until the client's next write.
  package func receiptParts(
    of write: WriteID,
    timeout: Duration = .seconds(1)
  ) async -> [[UInt8]] {
    let core = core
    let addresses = await core.addresses()
    return await withTaskGroup(of: [UInt8]?.self, returning: [[UInt8]].self) { group in
      for address in addresses {
        group.addTask { await Self.receiptPart(of: write, from: address, core, timeout) }
      }
      var parts: [[UInt8]] = []
      for await case .some(let part) in group { parts.append(part) }
      return parts
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
      guard case .result(let bytes) = answer.body else { return nil }
      return bytes
    } catch {
      return nil
    }
  }
}
