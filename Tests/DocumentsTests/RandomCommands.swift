import ClientProtocol
import Consensus

@testable import Documents

/// Commands of all kinds that often meet each other.
enum RandomCommands {
  static func place(_ random: inout RandomSource) -> Place {
    Place(collection: ["k1", "k2", "d1", "d2", "missing"][random.number(below: 5)])
  }

  static func command(_ random: inout RandomSource) -> Command {
    let name = "\(random.number(below: 30))"
    let revision = random.chance(percent: 50) ? 0 : random.number(in: 0..<1_000)
    let body = document(#"{"n": \#(name), "a": [{"b": "x"}, true], "s": "text"}"#)
    let operations: [Command.Operation] = [
      .createCollection, .dropCollection, .insert(id: nil, document: body),
      .insert(id: id(name), document: body), .put(id: id(name), document: body),
      .put(id: id(.int32(Int32(name.utf8.count))), document: body),
      .replace(id: id(name), document: body, ifRevision: revision),
      .delete(id: id(name), ifRevision: revision),
      .kvPut(key: utf8(name), value: utf8("value")), .kvPut(key: utf8(name), value: utf8("7")),
      .kvPutIf(key: utf8(name), value: utf8(name), expectedRevision: revision),
      .kvDelete(key: utf8(name), ifRevision: revision),
      .kvIncrement(key: utf8(name), by: Int64(bitPattern: random.next())),
      .kvIncrement(key: utf8(name), by: 1),
    ]
    // Dropping is rarer, so that there is something to drop.
    let first = random.chance(percent: 95) ? 2 : 0
    let operation = operations[first + random.number(below: operations.count - first)]
    return Command(place: place(&random), operation: operation)
  }
}
