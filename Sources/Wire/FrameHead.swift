/// Properties of a frame that hold whatever its kind.
@usableFromInline
package struct FrameFlags: OptionSet, Hashable, Sendable {
  /// The bits as they are sent.
  @usableFromInline
  package let rawValue: UInt8

  /// Flags of these bits.
  @inlinable
  package init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// Reserved for a compressed payload; readers of this version refuse it.
  package static let compressed = FrameFlags(rawValue: 1 << 0)
  /// Another frame of the same request id follows.
  package static let more = FrameFlags(rawValue: 1 << 1)
  /// A follower may pass the request on to the leader.
  package static let mayForward = FrameFlags(rawValue: 1 << 2)

  static let known: FrameFlags = [.compressed, .more, .mayForward]
}

/// 128 bits that join what belongs to one call across connections and nodes.
@usableFromInline
package struct TraceID: Hashable, Sendable {
  /// The first 64 bits.
  package let high: UInt64
  /// The last 64 bits.
  package let low: UInt64

  /// A trace of these bits.
  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }
}

/// What a frame says about its payload.
@usableFromInline
package struct FrameHead: Hashable, Sendable {
  /// What the payload is; the numbers belong to the protocol above.
  package var kind: UInt8
  /// Properties that hold whatever the kind.
  package var flags: FrameFlags
  /// Whose answer this is, or 0 where nothing was asked.
  package var requestID: UInt64
  /// The milliseconds that the asker will still wait, counted from arrival.
  package var deadlineMilliseconds: UInt32?
  /// Joins what belongs together in logs.
  package var traceID: TraceID?

  package init(
    kind: UInt8,
    requestID: UInt64,
    flags: FrameFlags = [],
    deadlineMilliseconds: UInt32? = nil,
    traceID: TraceID? = nil
  ) {
    self.kind = kind
    self.flags = flags
    self.requestID = requestID
    self.deadlineMilliseconds = deadlineMilliseconds
    self.traceID = traceID
  }
}
