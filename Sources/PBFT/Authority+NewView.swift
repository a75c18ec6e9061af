import Consensus

/// Why a new view, although its primary has signed it, does not hold.
package enum NewViewFault: Equatable, Sendable {
  /// Its sender is not the primary of the view.
  case notByPrimary
  /// There are not exactly 2f+1 view changes of different replicas, ascending.
  case notAQuorum
  /// A view change is for another view, or not signed by whom it names.
  case foreignViewChange(ReplicaNumber)
  /// A view change's stable certificate proves nothing.
  case badStable(ReplicaNumber)
  /// A view change's prepared certificate proves nothing, or is not of an earlier view.
  case badHigh(ReplicaNumber)
  /// Two different blocks were prepared at one place: more than f replicas lie.
  case highestDiffer
}

/// Where a view begins.
struct NewViewBase: Equatable {
  /// The block that the anchor follows.
  let header: BlockHeader
  /// The newest checkpoint that the view changes show.
  let stable: StableCertificate?
}

/// The check of a new view (docs/byzantine.md, "A new view, step by step"). Steps 1 to 5 judge the
/// message alone and stand here, so that a failure can be shown to others as evidence; 6 says where
/// the view begins; 7 to 9 need a replica's own log and stand in `PBFTCore+NewView`.
extension Authority {
  /// Steps 1 to 5; nil if they hold.
  ///
  /// The signature has been checked.
  package func fault(in newView: NewView) -> NewViewFault? {
    if let fault = faultInSender(newView) { return fault }
    if let fault = faultInQuorum(newView) { return fault }
    for viewChange in newView.viewChanges {
      if let fault = fault(in: viewChange, for: newView.newView) { return fault }
    }
    return faultInChoice(newView)
  }

  /// Step 1: only the view's primary may begin it.
  private func faultInSender(_ newView: NewView) -> NewViewFault? {
    newView.replica == primary(of: newView.newView) ? nil : .notByPrimary
  }

  /// Step 2: 2f+1 different replicas.
  ///
  /// Any block that committed was prepared durably by f+1 honest ones before, and one of those is
  /// among any 2f+1.
  private func faultInQuorum(_ newView: NewView) -> NewViewFault? {
    let signers = newView.viewChanges.map(\.replica)
    let isAscending = zip(signers, signers.dropFirst()).allSatisfy { $0 < $1 }
    return signers.count == quorum && isAscending ? nil : .notAQuorum
  }

  /// Steps 2 to 4 for one view change; a primary checks each before it uses it, so that a bad
  /// one disqualifies its sender and nobody else.
  package func fault(in viewChange: ViewChange, for newView: View) -> NewViewFault? {
    guard viewChange.newView == newView, isValid(viewChange) else {
      return .foreignViewChange(viewChange.replica)
    }
    if let fault = faultInStable(viewChange) { return fault }
    return faultInHigh(viewChange)
  }

  /// Step 3: a checkpoint is worth its 2f+1 signatures, whoever shows it.
  private func faultInStable(_ viewChange: ViewChange) -> NewViewFault? {
    guard let stable = viewChange.stable, !isValid(stable) else { return nil }
    return .badStable(viewChange.replica)
  }

  /// Step 4: so is a prepared certificate; one of the new view or later cannot exist yet.
  private func faultInHigh(_ viewChange: ViewChange) -> NewViewFault? {
    guard let high = viewChange.high else { return nil }
    guard high.header.view < viewChange.newView, isValid(high) else {
      return .badHigh(viewChange.replica)
    }
    return nil
  }

  /// Step 5: the highest certificate by view, then sequence number, is chosen.
  ///
  /// Two at one place share an honest replica, which prepared only one block there.
  private func faultInChoice(_ newView: NewView) -> NewViewFault? {
    guard let highest = newView.highest else { return nil }
    let rivals = newView.viewChanges.compactMap(\.high).filter {
      $0.header.place == highest.header.place
    }
    return rivals.allSatisfy { $0.header == highest.header } ? nil : .highestDiffer
  }
}

extension NewView {
  /// The highest prepared certificate that it shows: view first (see `BlockPlace`).
  var highest: PreparedCertificate? {
    viewChanges.compactMap(\.high).max { $0.header.place < $1.header.place }
  }

  /// The newest checkpoint that it shows.
  var newestStable: StableCertificate? {
    viewChanges.compactMap(\.stable).max {
      $0.header.sequenceNumber < $1.header.sequenceNumber
    }
  }

  /// Step 6: the block that the view goes on from.
  ///
  /// A certificate below the newest checkpoint can only be of a block that it includes: an honest
  /// log can hold nothing else.
  var base: NewViewBase {
    let stable = newestStable
    let stableHeader = stable?.header ?? .genesis
    guard let high = highest?.header, high.sequenceNumber >= stableHeader.sequenceNumber else {
      return NewViewBase(header: stableHeader, stable: stable)
    }
    return NewViewBase(header: high, stable: stable)
  }
}
