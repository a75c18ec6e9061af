/// One world: the numbers of its nodes' states, of its history, and of the messages under way.
struct World {
  /// The numbers of the three nodes' states, by place.
  var nodes = [0, 0, 0]
  var history = 0
  var used = WorldAccount()
  /// The numbers of all messages ever sent, but for the dead ones.
  ///
  /// None is ever taken out: each may arrive at any time, any number of times, or never.
  var messages: [Int] = []
}
