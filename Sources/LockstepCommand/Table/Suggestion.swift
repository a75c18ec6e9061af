/// Finds the word that somebody probably meant.
enum Suggestion {
  /// The candidate with the fewest edits, if these are few for a word of that length.
  static func nearest(to word: String, among candidates: [String]) -> String? {
    let rated = candidates.map { (name: $0, edits: edits(from: word, to: $0)) }
    guard let best = rated.min(by: { $0.edits < $1.edits }) else { return nil }
    return best.edits <= max(1, word.count / 3) ? best.name : nil
  }

  /// The Damerau–Levenshtein distance: letters put in, left out, changed or swapped.
  static func edits(from left: String, to right: String) -> Int {
    let left = Array(left.utf8)
    let right = Array(right.utf8)
    var twoBack: [Int] = []
    var previous = Array(0...right.count)
    for row in left.indices {
      var current = [row + 1]
      for column in right.indices {
        let change = previous[column] + (left[row] == right[column] ? 0 : 1)
        var best = min(change, previous[column + 1] + 1, current[column] + 1)
        let isSwap =
          row > 0 && column > 0 && left[row] == right[column - 1] && left[row - 1] == right[column]
        if isSwap { best = min(best, twoBack[column - 1] + 1) }
        current.append(best)
      }
      twoBack = previous
      previous = current
    }
    return previous[right.count]
  }
}
