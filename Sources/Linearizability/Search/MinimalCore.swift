/// Finds, of many members, a few that are enough for something and of which none can be left out.
///
/// This is QuickXplain (Junker 2004): it asks about k·log(n/k) times for k of n members. What is
/// asked must stay true when members are added.
struct MinimalCore {
  private let isEnough: ([Int]) -> Bool

  /// `isEnough` says whether these members, in ascending order, are enough.
  init(_ isEnough: @escaping ([Int]) -> Bool) { self.isEnough = isEnough }

  /// Such members of those given, in ascending order.
  func find(in members: [Int]) -> [Int] {
    isEnough([]) ? [] : needed(beside: [], isNew: false, members).sorted()
  }

  private func needed(beside kept: [Int], isNew: Bool, _ members: [Int]) -> [Int] {
    if isNew, isEnough(kept.sorted()) { return [] }
    guard members.count > 1 else { return members }
    let (first, second) = (members[..<(members.count / 2)], members[(members.count / 2)...])
    let ofSecond = needed(beside: kept + first, isNew: true, Array(second))
    let ofFirst = needed(beside: kept + ofSecond, isNew: !ofSecond.isEmpty, Array(first))
    return ofFirst + ofSecond
  }
}
