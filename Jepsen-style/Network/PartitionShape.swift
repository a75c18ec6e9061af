import Consensus

/// Which links a partition cuts.
enum PartitionShape {
  /// Two sides that do not hear each other; the smaller side comes first in the row.
  static func halves(_ row: [Int]) -> Set<Link> {
    let (left, right) = sides(row)
    return apart(left, right)
  }

  /// The first side is not heard by the other, and hears it.
  static func oneWay(_ row: [Int]) -> Set<Link> {
    let (left, right) = sides(row)
    return Set(left.flatMap { from in right.map { Link(from: from, to: $0) } })
  }

  /// Two sides, and the first of the row, which belongs to both.
  static func bridge(_ row: [Int]) -> Set<Link> {
    let (left, right) = sides(Array(row.dropFirst()))
    return apart(left, right)
  }

  /// One node hears nobody and nobody hears it.
  static func alone(_ node: Int, _ row: [Int]) -> Set<Link> {
    apart([node], row.filter { $0 != node })
  }

  /// Each hears itself and its neighbours on a ring, as many as make a majority.
  static func majorityRing(_ row: [Int]) -> Set<Link> {
    let majority = row.count / 2 + 1
    let before = (majority - 1) / 2
    var cut = Set<Link>()
    for (place, listener) in row.enumerated() {
      let heard = (0..<majority).map { row[(place + $0 - before + row.count) % row.count] }
      for speaker in row where speaker != listener && !heard.contains(speaker) {
        cut.insert(Link(from: speaker, to: listener))
      }
    }
    return cut
  }

  /// Each directed link is cut in four of ten draws; at least one is.
  static func random(_ row: [Int], _ random: inout RandomSource) -> Set<Link> {
    let links = row.sorted().flatMap { from in
      row.sorted().filter { $0 != from }.map { Link(from: from, to: $0) }
    }
    guard !links.isEmpty else { return [] }
    var cut = Set(links.filter { _ in random.chance(percent: 40) })
    cut.insert(links[random.number(below: links.count)])
    return cut
  }

  private static func sides(_ row: [Int]) -> (left: [Int], right: [Int]) {
    (Array(row.prefix(row.count / 2)), Array(row.dropFirst(row.count / 2)))
  }

  /// Two sides that do not hear each other.
  static func apart(_ left: [Int], _ right: [Int]) -> Set<Link> {
    Set(
      left.flatMap { one in
        right.flatMap { other in [Link(from: one, to: other), Link(from: other, to: one)] }
      }
    )
  }
}
