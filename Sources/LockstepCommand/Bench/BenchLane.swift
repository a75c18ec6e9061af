import Consensus

/// The requests of one connection: which are outstanding, since when, and about which key.
///
/// Numbers count up from 1. A write's number is its sequence in the session, so that it can be
/// sent again over another connection and still be applied once.
struct BenchLane: Sendable {
  private struct Slot: Sendable {
    var key = 0
    var isPut = false
    var sentAt: UInt64 = 0
    var isOpen = false
  }

  /// A session refuses a sequence further than this above the oldest unanswered one.
  static let window: UInt64 = 256

  private var slots = Array(repeating: Slot(), count: Int(window))
  private(set) var next: UInt64 = 1
  private(set) var oldest: UInt64 = 1
  private(set) var outstanding = 0

  /// Whether another request may be sent.
  var hasRoom: Bool { next - oldest < Self.window }

  /// Whether another request may be sent while fewer than so many are outstanding.
  func canOpen(below limit: Int) -> Bool { outstanding < limit && hasRoom }

  /// Everything below this number has been answered.
  var answeredThrough: UInt64 { oldest - 1 }

  /// Takes the next number for a request about this key.
  mutating func open(key: Int, isPut: Bool, at now: UInt64) -> UInt64 {
    invariant(hasRoom, "a request is opened only within the window")
    let id = next
    slots[index(id)] = Slot(key: key, isPut: isPut, sentAt: now, isOpen: true)
    next += 1
    outstanding += 1
    return id
  }

  /// Closes a request and returns when it was sent; nil if it is not outstanding.
  mutating func close(_ id: UInt64) -> UInt64? {
    guard isOpen(id) else { return nil }
    slots[index(id)].isOpen = false
    outstanding -= 1
    while oldest < next, !slots[index(oldest)].isOpen { oldest += 1 }
    return slots[index(id)].sentAt
  }

  /// The key of an outstanding request.
  func key(of id: UInt64) -> Int { slots[index(id)].key }

  /// Whether an outstanding request is a put.
  func isPut(_ id: UInt64) -> Bool { slots[index(id)].isPut }

  /// The numbers of all outstanding requests, oldest first.
  var open: [UInt64] { (oldest..<next).filter(isOpen) }

  private func isOpen(_ id: UInt64) -> Bool {
    id >= oldest && id < next && slots[index(id)].isOpen
  }

  private func index(_ id: UInt64) -> Int { Int(id % Self.window) }
}
