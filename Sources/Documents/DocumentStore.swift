import ClientProtocol
import Consensus
import Wire

/// Databases of collections: the state that all nodes share.
///
/// Copying the store costs nothing and freezes it (see `OrderedMap`). Replies and changes depend
/// on the commands and their order alone.
package struct DocumentStore: StateMachine {
  typealias Failure = CommandReply.Failure

  let rules = CommandRules()
  /// Collections in the order of their creation; a dropped one leaves its slot empty.
  var collections: [Collection?] = []
  /// The slot of a collection by database, a zero byte and name.
  var slots = OrderedMap<Int>()
  /// Scans in progress: of this node alone, never part of the replicated state.
  var cursors = CursorTable()
  /// The newest entry that changed or could have changed something.
  var revision: UInt64 = 0

  /// A store without collections.
  package init() {}

  /// Everything about a command that can be judged without the state.
  package func objection(to command: [UInt8]) -> [UInt8]? {
    do throws(Failure) {
      _ = try rules.check(command)
      return nil
    } catch {
      return CommandReply.failed(error).encoded()
    }
  }

  /// A digest over names, kinds, revisions, ids and bytes; it visits everything.
  package func stateDigest() -> UInt64 {
    var digest = StateDigest()
    for (key, slot) in slots.entries() {
      guard let collection = collections[slot] else { continue }
      digest.fold(key)
      digest.fold(UInt64(collection.kind.rawValue))
      digest.fold(collection.createdRevision)
      for (key, item) in collection.items.entries() {
        digest.fold(key)
        digest.fold(item.revision)
        digest.fold(item.id)
        digest.fold(item.bytes)
      }
    }
    return digest.value
  }

  static func key(of place: Place) -> [UInt8] {
    var key: [UInt8] = []
    key.reserveCapacity(place.database.utf8.count + place.collection.utf8.count + 1)
    key.append(contentsOf: place.database.utf8)
    key.append(0)
    key.append(contentsOf: place.collection.utf8)
    return key
  }

  func slot(of place: Place) -> Int? {
    slots[Self.key(of: place)]
  }
}
