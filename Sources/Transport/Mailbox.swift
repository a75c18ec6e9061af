import Synchronization

/// Hands values from other threads to the thread of an event loop, in order.
///
/// The owner empties it when `mailArrived()` is called. A loop may have several mailboxes on
/// one waker.
package final class Mailbox<Item: Sendable>: Sendable {
  private let items = Mutex<[Item]>([])
  private let waker: Waker

  /// A mailbox whose posts wake the loop of `waker`.
  package init(waking waker: Waker) {
    self.waker = waker
  }

  /// Adds an item and wakes the loop if it sleeps; from any thread.
  package func post(_ item: sending Item) {
    let isFirst = items.withLock { items in
      items.append(item)
      return items.count == 1
    }
    if isFirst { waker.notify() }
  }

  /// Takes everything, in the order of posting.
  package func takeAll() -> [Item] {
    var taken: [Item] = []
    take(into: &taken)
    return taken
  }

  /// The same, for who takes often.
  ///
  /// `taken` is emptied first; its storage is left to the mailbox, so that two arrays serve for
  /// ever.
  package func take(into taken: inout [Item]) {
    taken.removeAll(keepingCapacity: true)
    items.withLock { items in
      swap(&items, &taken)
    }
  }
}
