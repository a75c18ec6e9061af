/// Worlds that wait to be explored, first in, first out, in a few words each.
struct WorldQueue {
  private var words: [UInt32] = []
  private var start = 0

  var isEmpty: Bool { start == words.count }

  mutating func append(_ world: World) {
    for node in world.nodes { words.append(UInt32(node)) }
    words.append(UInt32(world.history))
    words.append(world.used.packed)
    words.append(UInt32(world.messages.count))
    for message in world.messages { words.append(UInt32(message)) }
  }

  /// Takes the oldest world out, into a place that was used before.
  mutating func removeFirst(into world: inout World) {
    for place in 0..<3 { world.nodes[place] = Int(words[start + place]) }
    world.history = Int(words[start + 3])
    world.used = WorldAccount(packed: words[start + 4])
    let count = Int(words[start + 5])
    start += 6
    world.messages.removeAll(keepingCapacity: true)
    for place in start..<start + count { world.messages.append(Int(words[place])) }
    start += count
  }

  mutating func removeAll() {
    words.removeAll(keepingCapacity: true)
    start = 0
  }
}
