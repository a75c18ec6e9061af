import ClientProtocol
import Consensus

// Collections that come and go: in some seeds clients make and drop a few, so that places are taken
// anew and differ from those that a snapshot's reader gives them.
extension ClientWorkload {
  private static let extras = (1...3).map { Place(collection: "extra\($0)") }

  /// Whether a place comes and goes: then no history of one key alone tells what it should hold,
  /// and the replay of the whole log judges it.
  static func isShortLived(_ place: Place) -> Bool { extras.contains(place) }

  /// Something about such a collection, now and then.
  mutating func nextAboutExtras() -> ClientOperation.Question? {
    guard var chance = extrasRandom else { return nil }
    defer { extrasRandom = chance }
    guard chance.oneIn(6) else { return nil }
    let place = Self.extras[chance.number(below: Self.extras.count)]
    let id = Self.documentID(chance.number(below: 4))
    func command(_ operation: Command.Operation) -> ClientOperation.Question {
      .command(Command(place: place, operation: operation))
    }
    switch chance.number(below: 10) {
    case 0: return command(.createCollection)
    case 1, 2: return command(.dropCollection)
    case 3: return command(.delete(id: id, ifRevision: 0))
    case 4..<7: return command(.put(id: id, document: nextDocument()))
    case 7: return .query(.get(place, id: id), isLinearizable: true)
    case 8: return .query(.count(place, .all), isLinearizable: chance.oneIn(2))
    default: return .query(.scan(place, .all, ScanWindow(pageItems: 2)), isLinearizable: true)
    }
  }
}
