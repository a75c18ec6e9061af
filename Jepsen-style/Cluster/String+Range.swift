extension String {
  /// Where a word stands first.
  func range(of word: String) -> Range<Index>? {
    var place = startIndex
    while place < endIndex {
      if self[place...].hasPrefix(word) {
        return place..<index(place, offsetBy: word.count)
      }
      place = index(after: place)
    }
    return nil
  }
}
