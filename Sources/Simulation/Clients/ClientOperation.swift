import ClientProtocol
import Consensus

/// One thing that a client wanted, and what came of it.
struct ClientOperation {
  /// What it wanted.
  enum Question {
    case command(Command)
    case query(Query.Question, isLinearizable: Bool)
    /// The page behind another operation's.
    case nextPage(of: Int, cursor: UInt64)

    /// The one key or document that it is about, if it is about one.
    var subject: (place: Place, key: [UInt8])? {
      switch self {
      case .command(let command):
        command.operation.key.map { (command.place, $0) }
      case .query(.get(let place, let key), _), .query(.kvGet(let place, let key), _):
        (place, key)
      case .query, .nextPage: nil
      }
    }
  }

  /// How it ended.
  enum Ending {
    case open
    /// The write took effect.
    case applied(LogIndex, CommandReply)
    /// The read was answered from a state that includes the index.
    case answered(LogIndex, QueryReply)
    /// It certainly had no effect.
    case failed
    /// Nobody can say.
    case unknown
  }

  let client: Int
  let question: Question
  /// The instant at which it was asked, in the one order of all that clients saw.
  let invoked: UInt64
  /// A write's place in its session.
  let key: RequestKey?
  /// The instant at which it ended.
  var returned: UInt64?
  var ending = Ending.open
}

extension Command.Operation {
  /// The key or id that it changes; nil for what is about a whole collection.
  var key: [UInt8]? {
    switch self {
    case .createCollection, .dropCollection: nil
    case .insert(let id, _): id
    case .put(let key, _), .replace(let key, _, _), .delete(let key, _), .kvPut(let key, _),
      .kvPutIf(let key, _, _), .kvDelete(let key, _), .kvIncrement(let key, _):
      key
    }
  }
}
