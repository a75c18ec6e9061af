import Consensus
import Dispatch
import PBFT
import Storage
import Synchronization
import Transport

/// Judges proofs, keeps what proves something and passes it on, on a thread of its own: one proof
/// may hold thousands of signatures.
///
/// A disk that fails never costs the node, and of the proofs only those of others, who have them:
/// what this node has found is tried again each time that the thread wakes.
final class EvidenceKeeper: Sendable {
  /// What the loop is told.
  enum Notice: Sendable {
    /// A proof is new here: it is said to people, and to all other nodes.
    case kept(Digest, Culprit, [UInt8])
    /// It is this node's turn to show another one a proof that it may lack; which one, changes each
    /// time that all proofs have been shown.
    case shown([UInt8], round: Int)
    /// A node has passed on as proof what proves nothing.
    case unproven(by: NodeID)
    /// The disk cannot keep or read some; it is said once, until it keeps one again.
    case failed(DiskError)
  }

  private typealias Offer = (bytes: [UInt8], sender: NodeID?)

  private struct Inbox {
    /// What is to be judged, and who says so; nobody for what this node found itself.
    var offers: [Offer] = []
    /// How many of them are of each node.
    var waiting: [NodeID: Int] = [:]
    /// The bytes of what this node itself has found, and how many there are of each kind.
    var ownSize = 0
    var ownKinds: [UInt8: Int] = [:]
    /// They are not listened to again before the next start.
    var liars: Set<NodeID> = []
    var isShowing = false
    var isStopping = false
  }

  /// How many proofs of one node may wait; what is above that will come again.
  private static let waitingMax = 4
  /// How many may wait in all: a disk that hangs holds up no more.
  private static let offersMax = 64
  /// The most bytes of what this node itself has found that wait, and the most proofs of one kind:
  /// a liar makes large ones without end, and must not keep others out.
  private static let ownSizeMax = 32 << 20
  private static let ownKindMax = 16
  /// So many proofs that are not needed a node may pass on: each costs as much as one that is.
  private static let surplusMax = 512
  /// A proof larger than this is passed on once, when it is found, and not shown again.
  private static let shownSizeMax = 1 << 20

  private let inbox = Mutex(Inbox())
  private let wakeUp = DispatchSemaphore(value: 0)
  private let notices: Mailbox<Notice>
  private let thread = Mutex<WorkerThread?>(nil)

  /// Starts the thread, which opens the folder; what it says wakes the loop.
  init(
    authority: Authority,
    waker: Waker,
    openFolder: @escaping @Sendable () throws(DiskError) -> any Disk
  ) throws(TransportError) {
    notices = Mailbox(waking: waker)
    let started = try WorkerThread.start(name: "evidence") { [self] in
      serve { () throws(DiskError) in try EvidenceShelf(on: openFolder(), by: authority) }
    }
    thread.withLock { $0 = started }
  }

  /// Hands in what this node's core has found.
  func offer(_ bytes: [UInt8]) {
    inbox.withLock { inbox in
      let kind = bytes.count > 1 ? bytes[1] : 0
      guard inbox.offers.count < Self.offersMax, inbox.ownKinds[kind, default: 0] < Self.ownKindMax,
        inbox.ownSize + bytes.count <= Self.ownSizeMax
      else { return }
      inbox.ownKinds[kind, default: 0] += 1
      inbox.ownSize += bytes.count
      inbox.offers.append((bytes, nil))
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
    notices.takeAll()
  }

  /// Has the thread end when what this node itself has found is kept.
  func beginStop() {
    inbox.withLock { $0.isStopping = true }
    wakeUp.signal()
  }

  /// The same, and waits for it.
  func stop() {
    beginStop()
    thread.withLock { $0 }?.join()
  }

  /// What the thread has at hand.
  private struct Desk {
    /// Nil as long as the folder cannot be opened.
    var shelf: EvidenceShelf?
    /// What this node has found and the disk has not taken.
    var unkept: [Offer] = []
    var shownCount = 0
    /// How many proofs each node has passed on that were judged and not needed.
    var surplus: [NodeID: Int] = [:]
    /// Whether the disk has failed since it last kept a proof.
    var isFailing = false
  }

  private func serve(_ openShelf: () throws(DiskError) -> EvidenceShelf) {
    var desk = Desk()
    while true {
      let (offers, isShowing, isStopping) = take()
      open(&desk, openShelf)
      let unkept = desk.unkept
      desk.unkept = []
      for offer in unkept + offers where offer.sender == nil || !isToStop { judge(offer, &desk) }
      if isStopping { return }
      if isShowing { show(&desk) }
      wakeUp.wait()
    }
  }

  private var isToStop: Bool { inbox.withLock { $0.isStopping } }

  private func take() -> (offers: [Offer], isShowing: Bool, isStopping: Bool) {
    inbox.withLock { inbox in
      defer {
        inbox.offers = []
        inbox.ownSize = 0
        inbox.ownKinds = [:]
        inbox.isShowing = false
      }
      return (inbox.offers, inbox.isShowing, inbox.isStopping)
    }
  }

  private func open(_ desk: inout Desk, _ openShelf: () throws(DiskError) -> EvidenceShelf) {
    guard desk.shelf == nil else { return }
    do throws(DiskError) {
      let shelf = try openShelf()
      desk.shelf = shelf
      if let flaw = shelf.flaw { failed(flaw, &desk) }
    } catch {
      failed(error, &desk)
    }
  }

  private func failed(_ error: DiskError, _ desk: inout Desk) {
    if !desk.isFailing { notices.post(.failed(error)) }
    desk.isFailing = true
  }

  private func judge(_ offer: Offer, _ desk: inout Desk) {
    let isHeard = inbox.withLock { inbox in
      guard let sender = offer.sender else { return true }
      inbox.waiting[sender, default: 1] -= 1
      return !inbox.liars.contains(sender)
    }
    guard isHeard else { return }
    do throws(DiskError) {
      switch try desk.shelf?.take(offer.bytes) {
      case .kept(let id, let culprit)?:
        desk.isFailing = false
        notices.post(.kept(id, culprit, offer.bytes))
      case .known?, .unreadable?: break
      case .superfluous?: noteSurplus(of: offer.sender, &desk)
      case .unproven?:
        guard let sender = offer.sender else { return }
        inbox.withLock { _ = $0.liars.insert(sender) }
        notices.post(.unproven(by: sender))
      case nil: putOff(offer, &desk)
      }
    } catch {
      failed(error, &desk)
      putOff(offer, &desk)
    }
  }

  /// Whoever goes on passing on what is not needed is listened to no more, before the next start.
  private func noteSurplus(of sender: NodeID?, _ desk: inout Desk) {
    guard let sender else { return }
    desk.surplus[sender, default: 0] += 1
    guard desk.surplus[sender, default: 0] > Self.surplusMax else { return }
    inbox.withLock { _ = $0.liars.insert(sender) }
  }

  private func putOff(_ offer: Offer, _ desk: inout Desk) {
    let size = desk.unkept.reduce(offer.bytes.count) { $0 + $1.bytes.count }
    guard offer.sender == nil, desk.unkept.count < Self.offersMax, size <= Self.ownSizeMax
    else { return }
    desk.unkept.append(offer)
  }

  private func show(_ desk: inout Desk) {
    guard let ids = desk.shelf?.ids, !ids.isEmpty else { return }
    let (round, place) = desk.shownCount.quotientAndRemainder(dividingBy: ids.count)
    desk.shownCount += 1
    do throws(DiskError) {
      guard let bytes = try desk.shelf?.bytes(of: ids[place]), bytes.count <= Self.shownSizeMax
      else { return }
      notices.post(.shown(bytes, round: round))
    } catch {
      failed(error, &desk)
    }
  }
}
