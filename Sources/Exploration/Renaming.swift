/// A way to exchange the three nodes' names.
///
/// The core tells members apart only by comparing them, its timers do not vary, and what it sends
/// in a turn leaves together: a world with its names exchanged behaves as the world does. So one
/// of each six is enough (symmetry reduction, Ip and Dill 1996).
struct Renaming {
  /// All of them; the first changes nothing.
  static let all = [
    Renaming(places: [0, 1, 2]), Renaming(places: [0, 2, 1]), Renaming(places: [1, 0, 2]),
    Renaming(places: [1, 2, 0]), Renaming(places: [2, 0, 1]), Renaming(places: [2, 1, 0]),
  ]

  private let places: [Int]

  /// The new place of a node.
  subscript(place: Int) -> Int { places[place] }

  /// The byte for a node in canonical forms, where 0 stands for nobody.
  func name(_ place: Int) -> UInt8 { UInt8(places[place] + 1) }
}
