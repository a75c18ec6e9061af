import ClientProtocol

/// One command at work: where and what it is about.
struct Step {
  let place: Place
  /// What the command's id or key is found by.
  var key: [UInt8]
  let isPlaceKnown: Bool

  init(_ checked: CheckedCommand) {
    place = checked.command.place
    key = checked.key
    isPlaceKnown = checked.isPlaceKnown
  }
}
