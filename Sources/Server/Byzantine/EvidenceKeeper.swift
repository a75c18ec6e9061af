import Consensus
import Dispatch
import PBFT
import Storage
import Synchronization
import Transport

/// Judges proofs, keeps what proves something and passes it on, on a thread of its own: one proof
/// may hold thousands of signatures.
///
/// A disk that fails costs the proofs, never the node.
final class EvidenceKeeper: Sendable {
  /// What the loop is told.
  enum Notice: Sendable {
    /// A proof is new here: it is said to people, and to all other nodes.
    case kept(Digest, Culprit, [UInt8])
    /// It is this node's turn to show another one a proof that it may lack.
    case shown([UInt8])
    /// A node has passed on as proof what proves nothing.
    case unproven(by: NodeID)
    /// The disk cannot keep them.
    case failed(DiskError)
  }

  private struct Inbox {
    /// What is to be judged, and who says so; nobody for what this node found itself.
    var offers: [(bytes: [UInt8], sender: NodeID?)] = []
    /// How many of them are of each node.
    var waiting: [NodeID: Int] = [:]
    /// They are not listened to again before the next start.
    var liars: Set<NodeID> = []
    var isShowing = false
    var isStopping = false
  }

  /// How many proofs of one node may wait; what is above that will come again.
  private static let waitingMax = 4
  /// How many may wait in all: a disk that hangs holds up no more.
  private static let offersMax = 64
  /// A proof larger than this is passed on once, when it is found, and not shown again.
  private static let shownSizeMax = 1 << 20

  private let inbox = Mutex(Inbox())
  private let wakeUp = DispatchSemaphore(value: 0)
  private let notices: Mailbox<Notice>
  private let thread = Mutex<WorkerThread?>(nil)

  /// Starts the thread over a folder that is made if it is missing; what it says wakes the loop.
  init(folder path: String, authority: Authority, waker: Waker) throws(TransportError) {
    notices = Mailbox(waking: waker)
    let started = try WorkerThread.start(name: "evidence") { [self] in
      do throws(DiskError) {
        let disk = try PosixDisk(path: path, creating: true)
        try serve(EvidenceShelf(on: disk, by: authority))
      } catch {
        notices.post(.failed(error))
      }
    }
    thread.withLock { $0 = started }
  }

  /// Hands in what this node's core has found.
  func offer(_ bytes: [UInt8]) {
    inbox.withLock { inbox in
      if inbox.offers.count < Self.offersMax { inbox.offers.append((bytes, nil)) }
    }
    wakeUp.signal()
  }

  /// Hands in what another node says is a proof.
  func offer(_ bytes: [UInt8], from sender: NodeID) {
    let isTaken = inbox.withLock { inbox in
      guard !inbox.liars.contains(sender), inbox.waiting[sender, default: 0] < Self.waitingMax
      else { return false }
      inbox.waiting[sender, default: 0] += 1
      inbox.offers.append((bytes, sender))
      return true
    }
    if isTaken { wakeUp.signal() }
  }

  /// Asks for a proof to be shown to another node, the next one each time: whoever was down when
  /// it was found hears of it so.
  func showNext() {
    inbox.withLock { $0.isShowing = true }
    wakeUp.signal()
  }

  /// What there is to say, in order.
  func takeNotices() -> [Notice] {
    var found: [Notice] = []
    notices.take(into: &found)
    return found
  }

  /// Ends the thread when what this node itself has found is kept.
  func stop() {
    inbox.withLock { $0.isStopping = true }
    wakeUp.signal()
    thread.withLock { $0 }?.join()
  }

  private func serve(_ start: EvidenceShelf) throws(DiskError) {
    var shelf = start
    var next = 0
    while true {
      wakeUp.wait()
      let (offers, isShowing, isStopping) = take()
      for offer in offers where !isStopping || offer.sender == nil { try judge(offer, &shelf) }
      if isStopping { return }
      if isShowing, !shelf.ids.isEmpty {
        let id = shelf.ids[next % shelf.ids.count]
        next += 1
        if let bytes = try shelf.bytes(of: id), bytes.count <= Self.shownSizeMax {
          notices.post(.shown(bytes))
        }
      }
    }
  }

  private typealias Offer = (bytes: [UInt8], sender: NodeID?)

  private func take() -> (offers: [Offer], isShowing: Bool, isStopping: Bool) {
    inbox.withLock { inbox in
      defer {
        inbox.offers = []
        inbox.isShowing = false
      }
      return (inbox.offers, inbox.isShowing, inbox.isStopping)
    }
  }

  private func judge(_ offer: Offer, _ shelf: inout EvidenceShelf) throws(DiskError) {
    let isHeard = inbox.withLock { inbox in
      guard let sender = offer.sender else { return true }
      inbox.waiting[sender, default: 1] -= 1
      return !inbox.liars.contains(sender)
    }
    guard isHeard else { return }
    switch try shelf.take(offer.bytes) {
    case .kept(let id, let culprit): notices.post(.kept(id, culprit, offer.bytes))
    case .superfluous: break
    case .unproven:
      guard let sender = offer.sender else { return }
      inbox.withLock { _ = $0.liars.insert(sender) }
      notices.post(.unproven(by: sender))
    }
  }
}
