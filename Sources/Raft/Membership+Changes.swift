import Consensus

// What follows a configuration when it is changed.
extension Membership {
  /// What becomes of a wish.
  enum Plan: Equatable {
    /// It cannot be.
    case refused(Refusal)
    /// It is so already: whoever asks again is told that it is done.
    case unchanged
    /// This configuration comes next; joint if the voters change.
    case next(ClusterConfiguration)
  }

  /// What a change leads to, as far as the configuration alone decides.
  func plan(_ change: MembershipChange) -> Plan {
    switch change {
    case .add(let learner): planAddition(of: learner)
    case .promote(let id): planPromotion(of: id)
    case .remove(let id): planRemoval(of: id)
    case .cancel(let id): planCancellation(of: id)
    case .update(let id, let clientAddress, let peerAddress):
      planUpdate(of: id, clientAddress, peerAddress)
    }
  }

  /// The configuration that ends a joint one: the voters of before are gone (Raft §6).
  var settled: ClusterConfiguration {
    var next = configuration
    next.outgoing = []
    return next
  }

  /// The voters that a configuration decides with when its change is through.
  static func stayingVoters(of configuration: ClusterConfiguration) -> [Member] {
    configuration.seats.map(\.member)
  }

  private func planAddition(of learner: ClusterConfiguration.Learner) -> Plan {
    let seat = learner.seat
    if let known = configuration.seat(of: seat.member) {
      return known == seat ? .unchanged : .refused(.memberExists)
    }
    guard Self.isBounded(seat) else { return .refused(.membersOutOfBounds) }
    if let replaced = learner.replaces {
      guard stayingVoter(replaced) != nil else { return .refused(.memberUnknown) }
      let isTaken = configuration.learners.contains { $0.replaces == replaced }
      if isTaken { return .refused(.memberExists) }
    }
    // An id comes back with another data directory only in the place of the old one (M7).
    let namesake = configuration.seat(of: seat.member.id)
    let isReplacement = learner.replaces == seat.member.id && !learns(seat.member.id)
    guard namesake == nil || isReplacement else { return .refused(.memberExists) }
    guard isFree(seat, besides: learner.replaces) else { return .refused(.membersOutOfBounds) }
    let growth = configuration.learners.count { $0.promotesItself && $0.replaces == nil }
    let grows = learner.promotesItself && learner.replaces == nil
    guard configuration.learners.count < Self.learnersMax,
      !grows || configuration.seats.count + growth < Self.votersMax
    else { return .refused(.membersOutOfBounds) }
    var next = configuration
    next.learners.append(learner)
    next.learners.sort { $0.seat.member.id < $1.seat.member.id }
    return .next(next)
  }

  /// What lets a member come back whose directory has lost something: another learns in its place.
  func planReturn(of member: Member) -> Plan {
    guard var seat = configuration.seat(of: member) else { return .refused(.memberUnknown) }
    seat.member = member.successor
    guard let place = configuration.learners.firstIndex(where: { $0.seat.member == member }) else {
      return planAddition(
        of: ClusterConfiguration.Learner(seat: seat, promotesItself: true, replaces: member.id)
      )
    }
    var next = configuration
    next.learners[place].seat = seat
    return .next(next)
  }

  private func planPromotion(of id: NodeID) -> Plan {
    guard let learner = configuration.learners.first(where: { $0.seat.member.id == id }) else {
      return stayingVoter(id) == nil ? .refused(.memberUnknown) : .unchanged
    }
    var next = configuration
    next.outgoing = configuration.seats
    next.learners.removeAll { $0 == learner }
    next.seats.removeAll { $0.member.id == learner.replaces }
    next.seats.append(learner.seat)
    next.seats.sort { $0.member.id < $1.member.id }
    guard next.seats.count <= Self.votersMax else { return .refused(.membersOutOfBounds) }
    return .next(next)
  }

  private func planRemoval(of id: NodeID) -> Plan {
    if learns(id) {
      // Whoever asks twice would lose the voter as well.
      return stayingVoter(id) == nil ? planCancellation(of: id) : .refused(.changeInProgress)
    }
    var next = configuration
    guard stayingVoter(id) != nil else { return .refused(.memberUnknown) }
    guard configuration.seats.count > 1 else { return .refused(.membersOutOfBounds) }
    next.outgoing = configuration.seats
    next.seats.removeAll { $0.member.id == id }
    // Whoever was to take its place is one more from now on.
    for place in next.learners.indices where next.learners[place].replaces == id {
      next.learners[place].replaces = nil
    }
    return .next(next)
  }

  private func planCancellation(of id: NodeID) -> Plan {
    guard learns(id) else { return .refused(.memberUnknown) }
    var next = configuration
    next.learners.removeAll { $0.seat.member.id == id }
    return .next(next)
  }

  private func planUpdate(
    of id: NodeID,
    _ clientAddress: String,
    _ peerAddress: String
  ) -> Plan {
    var next = configuration
    if let place = next.seats.firstIndex(where: { $0.member.id == id }) {
      next.seats[place].clientAddress = clientAddress
      next.seats[place].peerAddress = peerAddress
    } else if let place = next.learners.firstIndex(where: { $0.seat.member.id == id }) {
      next.learners[place].seat.clientAddress = clientAddress
      next.learners[place].seat.peerAddress = peerAddress
    } else {
      return .refused(.memberUnknown)
    }
    guard next != configuration else { return .unchanged }
    let before = configuration.everybody
    let moved = next.everybody.filter { $0.member.id == id && !before.contains($0) }
    guard moved.allSatisfy({ Self.isBounded($0) && isFree($0, besides: nil) }) else {
      return .refused(.membersOutOfBounds)
    }
    return .next(next)
  }

  /// The voters of another configuration that members reach elsewhere in this one.
  func movedVoters(in next: ClusterConfiguration) -> [Member] {
    next.seats.filter { seat in
      configuration.seats.contains {
        $0.member == seat.member && $0.peerAddress != seat.peerAddress
      }
    }.map(\.member)
  }

  /// Whether nobody else is reached at a seat's addresses, but whoever it replaces.
  private func isFree(_ seat: ClusterConfiguration.Seat, besides replaced: NodeID?) -> Bool {
    guard seat.clientAddress != seat.peerAddress else { return false }
    let others = configuration.everybody.filter {
      $0.member.id != seat.member.id && $0.member.id != replaced
    }
    let taken = others.flatMap { [$0.clientAddress, $0.peerAddress] }
    return !taken.contains(seat.clientAddress) && !taken.contains(seat.peerAddress)
  }

  private func learns(_ id: NodeID) -> Bool {
    configuration.learners.contains { $0.seat.member.id == id }
  }

  private static func isBounded(_ seat: ClusterConfiguration.Seat) -> Bool {
    let limit = 1...ClusterConfiguration.Seat.addressSizeMax
    return limit.contains(seat.clientAddress.utf8.count)
      && limit.contains(seat.peerAddress.utf8.count)
  }
}
