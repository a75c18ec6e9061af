import Consensus
import Dispatch
import Synchronization
import Transport

/// Stands between nodes: every directed link leads through a port of its own.
///
/// Frames meet there with the accidents that the link is given. It works on a thread of its own;
/// the dice are rolled link by link from one seed.
package final class FaultyProxy: Sendable {
  /// What the thread tells.
  private final class Shared: Sendable {
    let counts = Mutex<[Link: LinkCounts]>([:])
    let beginning = Mutex<Result<[Link: String], TransportError>?>(nil)
    let isListening = DispatchSemaphore(value: 0)
  }

  private let orders: Mailbox<ProxyLoop.Order>
  private let shared: Shared
  private let addresses: [Link: String]
  private let thread: WorkerThread

  /// A proxy for the ways to some nodes, whose peer addresses are these; what is sealed (TLS) has
  /// records for frames.
  ///
  /// - Throws: `HarnessError.noProxy` where the system refuses ports or threads.
  package init(
    _ ways: [Link: String],
    isSealed: Bool = false,
    seed: UInt64
  ) throws(HarnessError) {
    let shared = Shared()
    do throws(TransportError) {
      let waker = try Waker()
      let orders = Mailbox<ProxyLoop.Order>(waking: waker)
      thread = try WorkerThread.start(name: "faulty-proxy") {
        Self.work(ways, isSealed, RandomSource(seed: seed), shared) { () throws(TransportError) in
          try ProxyLoop(waker: waker, orders: orders) { counts in
            shared.counts.withLock { $0 = counts }
          }
        }
      }
      shared.isListening.wait()
      guard let beginning = shared.beginning.withLock({ $0 }) else {
        fatalError("the thread says what came of listening before it says that it listens")
      }
      addresses = try beginning.get()
      self.orders = orders
    } catch {
      throw .noProxy(reason: "\(error)")
    }
    self.shared = shared
  }

  /// Where the one that speaks on a link finds the other.
  package func address(of link: Link) -> String? { addresses[link] }

  /// Gives a link other accidents.
  package func use(_ faults: LinkFaults, on link: Link) {
    orders.post(.use(faults, on: link))
  }

  /// What frames have met with so far.
  package var counts: [Link: LinkCounts] { shared.counts.withLock { $0 } }

  /// Ends every connection, and the thread.
  package func stop() {
    orders.post(.stop)
    thread.join()
  }

  /// What the thread does.
  private static func work(
    _ ways: [Link: String],
    _ isSealed: Bool,
    _ random: RandomSource,
    _ shared: Shared,
    _ make: () throws(TransportError) -> ProxyLoop
  ) {
    do throws(TransportError) {
      var random = random
      let loop = try make()
      var addresses: [Link: String] = [:]
      for link in ways.keys.sorted(by: { ($0.from, $0.to) < ($1.from, $1.to) }) {
        let target = try SocketAddress(parsing: ways[link] ?? "")
        let address = try loop.open(
          link,
          to: target,
          isSealed: isSealed,
          random: random.fork()
        )
        addresses[link] = address.description
      }
      let found = addresses
      shared.beginning.withLock { $0 = .success(found) }
      shared.isListening.signal()
      try loop.run()
    } catch {
      // Once it works, only a kernel that refuses to wait ends it: then nothing passes any more.
      shared.beginning.withLock { $0 = $0 ?? .failure(error) }
      shared.isListening.signal()
    }
  }
}
