import Consensus
import Transport

/// One directed link: a port at which one node believes another to be.
final class ProxyLink {
  private static let dialMicroseconds: UInt64 = 1_000_000

  let link: Link
  private let target: SocketAddress
  /// Whether its connections are TLS.
  private let isSealed: Bool
  private unowned let loop: EventLoop
  private(set) var faults = LinkFaults()
  private(set) var counts = LinkCounts()
  private var random: RandomSource
  private var museum = FrameMuseum()
  /// In the order of connecting.
  private var pipes: [ProxyPipe] = []

  init(
    _ link: Link,
    to target: SocketAddress,
    isSealed: Bool,
    loop: EventLoop,
    random: RandomSource
  ) {
    self.isSealed = isSealed
    self.link = link
    self.target = target
    self.loop = loop
    self.random = random
  }

  /// Changes what frames meet with.
  ///
  /// When a cut ends, connections that were there before go on, as TCP does after a short cut, or
  /// break, as they do after a long one; the dice know.
  func use(_ new: LinkFaults) {
    let isMended = faults.isCut && !new.isCut
    faults = new
    guard isMended else { return }
    for pipe in pipes {
      if pipe.callee == nil {
        dial(for: pipe)
      } else if random.oneIn(2) {
        drop(pipe)
      }
    }
  }

  /// Hands on what is due; tells when to come again.
  func pump(at now: UInt64) -> UInt64? {
    var earliest: UInt64?
    for pipe in pipes {
      let (next, isOver) = pipe.pump(at: now, faults)
      if isOver { drop(pipe, politely: true) }
      if let next {
        if faults.bytesPerSecond > 0 { counts.slowed += 1 }
        earliest = min(earliest ?? next, next)
      }
    }
    return earliest
  }

  private func dial(for pipe: ProxyPipe) {
    do {
      pipe.dialed(
        try loop.connect(to: target, timeoutMicroseconds: Self.dialMicroseconds, delegate: self)
      )
    } catch {
      // As if nobody listened there.
      drop(pipe)
    }
  }

  private func drop(_ pipe: ProxyPipe, politely: Bool = false) {
    pipe.close(politely: politely)
    pipes.removeAll { $0 === pipe }
  }

  private func pipe(of connection: Connection) -> ProxyPipe? {
    pipes.first { $0.caller === connection || $0.callee === connection }
  }

  /// Lets one frame meet with its fate.
  private func forward(_ frame: [UInt8], through pipe: ProxyPipe) {
    if faults.isCut { counts.held += 1 }
    let fate = FrameFate(of: frame.count, under: faults, &random)
    museum.note(frame, &random)
    if fate.isLost {
      counts.lost += 1
      return
    }
    if fate.delayMicroseconds > 0 { counts.delayed += 1 }
    let due = loop.turnStart + fate.delayMicroseconds
    if let end = fate.endsAfter {
      counts.truncated += 1
      pipe.take(Array(frame.prefix(end)), due: due, isLast: true)
      return
    }
    if let bit = fate.flippedBit {
      counts.corrupted += 1
      var damaged = frame
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      pipe.take(damaged, due: due)
      return
    }
    counts.passed += 1
    pipe.take(frame, due: due)
    if fate.isDuplicated {
      counts.duplicated += 1
      pipe.take(frame, due: due)
    }
    if fate.isFollowedByAnOldOne, let old = museum.any(&random) {
      counts.replayed += 1
      pipe.take(old, due: due)
    }
  }
}

extension ProxyLink: ConnectionDelegate {
  func connectionOpened(_ connection: Connection) {
    guard pipe(of: connection) == nil else { return }
    let pipe = ProxyPipe(caller: connection)
    pipes.append(pipe)
    if faults.isCut { counts.held += 1 } else { dial(for: pipe) }
  }

  func connection(
    _ connection: Connection,
    received bytes: [UInt8],
    in range: Range<Int>
  ) -> Int {
    guard let pipe = pipe(of: connection) else { return range.count }
    let frames =
      isSealed
      ? FrameRanges.wholeRecords(in: bytes, range) : FrameRanges.whole(in: bytes, range)
    if connection === pipe.caller {
      for frame in frames { forward(Array(bytes[frame]), through: pipe) }
    } else {
      // Only handshakes come back; they are part of the callee's own link to nobody.
      for frame in frames {
        let frame = Array(bytes[frame])
        museum.note(frame, &random)
        do { try pipe.caller.send(frame) } catch { drop(pipe) }
      }
    }
    return frames.reduce(0) { $0 + $1.count }
  }

  func connectionDrained(_ connection: Connection) {}

  func connectionClosed(_ connection: Connection, reason: CloseReason) {
    guard let pipe = pipe(of: connection) else { return }
    // What the caller said before it left is still under way, unless nothing passes.
    let mayArrive = connection === pipe.caller && !pipe.isEmpty && !faults.isCut
    if mayArrive { pipe.callerLeft() } else { drop(pipe) }
  }
}
