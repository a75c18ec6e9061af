import Consensus
import PBFT
import Simulation

// What strikes, and how it ends.
extension ByzantineCluster {
  func strike() {
    guard !plan.faults.isEmpty else { return }
    let fault = plan.faults[random.number(below: plan.faults.count)]
    let victim = honest[random.number(below: honest.count)]
    let pause = random.number(in: 20_000..<900_000)
    switch fault {
    case .loss, .delay, .duplicate: return
    case .cut: cut()
    case .deaf: network.unheard[victim.number] = true
    case .flap:
      network.sides[victim.number] = 9
      faults.add(fault)
      queue.schedule(.calm(fault, victim.number), at: now + random.number(in: 1_000..<30_000))
    case .kill, .powerCut:
      if victim.life != nil { crash(victim, by: fault, losesPower: fault == .powerCut) }
    case .blackout:
      guard random.oneIn(3) else { return }
      for node in honest where node.life != nil { crash(node, by: fault, losesPower: true) }
    case .slowDisk:
      victim.syncMicrosecondsMin = random.number(in: 20_000..<400_000)
      faults.add(fault)
    case .syncError: victim.drive.failNextSync()
    case .clockJump:
      victim.wallErrorMilliseconds = random.oneIn(2) ? 3_600_000 : -3_600_000
      faults.add(fault)
    case .freeze: freeze(victim, for: pause)
    case .putBack, .emptied: forget(by: fault)
    }
    trace.add(.note("strike \(fault.rawValue) at r\(victim.number)"), at: now)
    queue.schedule(.calm(fault, victim.number), at: now + pause)
  }

  func calm(_ fault: ByzantineFault, _ number: Int) {
    switch fault {
    case .cut, .flap:
      for place in network.sides.indices { network.sides[place] = 0 }
    case .deaf: network.unheard[number] = false
    case .slowDisk: nodes[number].syncMicrosecondsMin = 0
    case .clockJump: nodes[number].wallErrorMilliseconds = 0
    case .loss, .delay, .duplicate, .kill, .powerCut, .blackout, .syncError, .freeze, .putBack,
      .emptied:
      break
    }
  }

  /// The storm is over.
  func calmEverything() {
    trace.add(.note("the storm is over"), at: now)
    network.heal()
    for node in honest {
      node.syncMicrosecondsMin = 0
      node.wallErrorMilliseconds = 0
      node.drive.heal()
      if node.life == nil { queue.schedule(.restart(node: node.number), at: now + 1_000) }
    }
  }

  /// Whether 2f+1 honest replicas are up, hear each other, and have good disks and clocks.
  var isQuorumWell: Bool {
    let sides = honest.filter(isWell).map { network.sides[$0.number] }
    return sides.contains { side in sides.count { $0 == side } >= forge.authority.quorum }
  }

  private func isWell(_ node: ByzantineNode) -> Bool {
    guard let status = node.life?.status, !status.isFenced, !status.awaitsState else {
      return false
    }
    return !network.unheard[node.number] && node.syncMicrosecondsMin == 0
      && node.wallErrorMilliseconds == 0 && node.frozenUntil <= now
  }

  /// What comes in meanwhile is there when the process goes on; what is answered late by the disk
  /// and the other threads is, too.
  private func freeze(_ node: ByzantineNode, for pause: UInt64) {
    guard node.life != nil else { return }
    faults.add(.freeze)
    node.frozenUntil = max(node.frozenUntil, now + pause)
  }

  /// When a process takes an event up that stands still; nil if it runs.
  ///
  /// It reads what has come in meanwhile before it looks at its clock.
  func thaw(of event: ByzantineEvent) -> UInt64? {
    guard let number = event.process, now < nodes[number].frozenUntil else { return nil }
    switch event {
    case .tick, .turn: return nodes[number].frozenUntil + 1
    default: return nodes[number].frozenUntil
    }
  }

  private func cut() {
    for place in network.sides.indices {
      network.sides[place] = random.chance(percent: 35) ? 1 : 0
    }
  }

  /// The one replica whose disk may forget loses what it promised: it counts towards f.
  private func forget(by fault: ByzantineFault) {
    guard let number = plan.forgetful else { return }
    let node = nodes[number]
    if fault == .putBack, diskCopy == nil {
      diskCopy = node.drive.contents
      return
    }
    guard node.life != nil else { return }
    crash(node, by: fault, losesPower: true)
    marks.reach(.promisesForgotten)
    // Whoever makes a directory tries again until the disk is well.
    node.drive.heal()
    if fault == .putBack, let copy = diskCopy {
      node.drive.replace(with: copy)
    } else {
      node.drive.replace(with: [])
      do {
        try node.makeDirectory(plan.limits)
      } catch {
        checker.fail("D", "no directory can be made: \(error)")
      }
    }
  }
}
