import Transport

/// One connection through a proxy: who called, and whom the proxy called for him.
final class ProxyPipe {
  /// A frame, or a piece of one, on its way.
  struct Parcel {
    var bytes: [UInt8]
    /// When it may arrive, in microseconds of the monotonic clock.
    var due: UInt64
    /// Whether the connection ends behind it.
    var isLast = false
  }

  /// Beyond this the caller is not read any more, so that TCP holds him back.
  private static let waitingSizeMax = 4 << 20
  /// The same for a slow reader.
  private static let slowSizeMax = 64 << 10
  /// What a slow reader may take at once after a rest, in microseconds of its rate.
  private static let burstMicroseconds: UInt64 = 50_000

  let caller: Connection
  private(set) var callee: Connection?
  private(set) var parcels: [Parcel] = []
  private var firstParcel = 0
  private var waitingSize = 0
  /// Until when a slow reader is busy with what it took.
  private var busyUntil: UInt64 = 0
  /// The caller is gone; what is under way still arrives.
  private(set) var hasCallerLeft = false

  init(caller: Connection) {
    self.caller = caller
  }

  /// Whether nothing is under way.
  var isEmpty: Bool { firstParcel == parcels.count }

  func dialed(_ connection: Connection) {
    callee = connection
  }

  func callerLeft() {
    hasCallerLeft = true
  }

  /// Takes a frame; none arrives before the one ahead of it, as in any stream.
  func take(_ bytes: [UInt8], due: UInt64, isLast: Bool = false) {
    let ahead = isEmpty ? 0 : parcels[parcels.count - 1].due
    parcels.append(Parcel(bytes: bytes, due: max(due, ahead), isLast: isLast))
    waitingSize += bytes.count
  }

  /// Hands on what is due; tells when the next is, and whether the connection ends now.
  func pump(at now: UInt64, _ faults: LinkFaults) -> (next: UInt64?, isOver: Bool) {
    defer { holdBack(faults) }
    guard let callee, callee.isOpen, !faults.isCut else { return (nil, false) }
    while !isEmpty {
      let parcel = parcels[firstParcel]
      guard parcel.due <= now else { return (parcel.due, false) }
      if faults.bytesPerSecond > 0, busyUntil > now { return (busyUntil, false) }
      // What the callee does not take waits here; its connection says when it has.
      guard callee.pendingOutBytes <= Self.waitingSizeMax else { return (nil, false) }
      do { try callee.send(parcel.bytes) } catch { return (nil, true) }
      removeFirst()
      if parcel.isLast { return (nil, true) }
      if faults.bytesPerSecond > 0 { spendTime(on: parcel.bytes.count, now, faults) }
    }
    return (nil, hasCallerLeft)
  }

  private func spendTime(on size: Int, _ now: UInt64, _ faults: LinkFaults) {
    let took = UInt64(size * 1_000_000 / faults.bytesPerSecond)
    let earliest = now > Self.burstMicroseconds ? now - Self.burstMicroseconds : 0
    busyUntil = max(busyUntil, earliest) + took
  }

  private func removeFirst() {
    waitingSize -= parcels[firstParcel].bytes.count
    parcels[firstParcel].bytes = []
    firstParcel += 1
    if firstParcel == parcels.count {
      parcels.removeAll(keepingCapacity: true)
      firstParcel = 0
    } else if firstParcel > 1_024 {
      parcels.removeFirst(firstParcel)
      firstParcel = 0
    }
  }

  private func holdBack(_ faults: LinkFaults) {
    guard caller.isOpen else { return }
    let most = faults.bytesPerSecond > 0 ? Self.slowSizeMax : Self.waitingSizeMax
    if waitingSize > most {
      caller.pauseReading()
    } else if waitingSize <= most / 2 {
      caller.resumeReading()
    }
  }

  /// Ends both sides; with `politely` what was handed on still arrives.
  func close(politely: Bool) {
    caller.close()
    if politely { callee?.finish() } else { callee?.close() }
  }
}
