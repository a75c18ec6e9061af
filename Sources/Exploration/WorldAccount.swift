/// How much of its bounds a world has used, or has left.
struct WorldAccount: Hashable {
  var entries = 0
  var crashes = 0
  var timeouts = 0

  /// The account in a word.
  var packed: UInt32 { UInt32(entries) << 16 | UInt32(crashes) << 8 | UInt32(timeouts) }

  init() {}

  init(packed: UInt32) {
    entries = Int(packed >> 16)
    crashes = Int(packed >> 8 & 255)
    timeouts = Int(packed & 255)
  }

  /// The account after an action.
  func after(_ action: WorldAction) -> WorldAccount {
    var account = self
    switch action.kind {
    case .deliver, .deliverLate, .sync: break
    case .time: account.timeouts += 1
    case .submit: account.entries += 1
    case .crash: account.crashes += 1
    }
    return account
  }

  /// What is left within bounds.
  func left(of bounds: SmallWorldBounds) -> WorldAccount {
    var left = WorldAccount()
    left.entries = bounds.entries - entries
    left.crashes = bounds.crashes - crashes
    left.timeouts = bounds.timeouts - timeouts
    return left
  }
}
