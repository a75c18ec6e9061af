import ClientProtocol
import Wire

/// Watches from outside whether a node holds the scans that it has begun for as long as it
/// promises, and no longer: 60 s of its own time (R3).
struct CursorWatch {
  /// When each scan began that has more to give; looked up only.
  private var beginnings: [UInt64: UInt64] = [:]

  /// A turn is over; says what is wrong with the scan or image that has been held longest, if
  /// anything is.
  ///
  /// It keeps the state as it was at its beginning, whether anybody asks for it or not.
  static func objection(toScanSince beginning: UInt64?, at now: UInt64) -> String? {
    guard let beginning, now - min(now, beginning) >= Limits.cursorLifeMicroseconds else {
      return nil
    }
    return "has kept a scan for \((now - beginning) / 1_000) ms"
  }

  /// The node answers a question for a page; says what is wrong, if anything is.
  mutating func answered(
    _ step: RequestAim.ScanStep,
    _ bytes: [UInt8],
    at now: UInt64
  ) -> String? {
    var beganAt = now
    switch step {
    case .none: return nil
    case .first: break
    case .next(let cursor):
      guard let known = beginnings.removeValue(forKey: cursor) else { return nil }
      beganAt = known
    }
    switch try? QueryReply(decoding: bytes) {
    case .page(let page):
      if page.cursor != 0 { beginnings[page.cursor] = beganAt }
      guard now - beganAt >= Limits.cursorLifeMicroseconds else { return nil }
      return "holds a scan for \((now - beganAt) / 1_000) ms"
    case .failed(let failure) where failure.code == .cursorExpired:
      guard now - beganAt < Limits.cursorLifeMicroseconds else { return nil }
      return "says that a scan has expired after \((now - beganAt) / 1_000) ms"
    default: return nil
    }
  }
}
