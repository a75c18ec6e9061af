import Consensus

extension Nemesis {
  private static let flapMilliseconds: Range<UInt64> = 100..<1_000

  /// Cuts links until the fault is healed.
  func cut(_ links: Set<Link>, _ order: FaultOrder) throws(HarnessError) -> Wound {
    let network = try network(for: order.kind)
    try change(links, by: 1)
    return Wound(
      targets: order.targets,
      words: "cut " + links.map { "\($0.from)→\($0.to)" }.sorted().joined(separator: " "),
      feltCount: feltCount(order.kind, links, network),
      heal: { [self] () throws(HarnessError) in try change(links, by: -1) }
    )
  }

  /// Parts nodes into sides that do not hear each other, until everything is healed.
  package func part(_ sides: [[Int]]) throws(HarnessError) {
    _ = try network(for: .partitionHalves)
    for (place, side) in sides.enumerated() {
      try change(PartitionShape.apart(side, sides[..<place].flatMap { $0 }), by: 1)
    }
  }

  /// Whoever leads is alone.
  func cutLeader(_ order: FaultOrder) async throws(HarnessError) -> Wound {
    let leader = await leaderOrAnybody(order)
    var aimed = order
    aimed.targets = leader
    let links = PartitionShape.alone(leader[0], Array(1...cluster.plan.nodesCount))
    return try cut(links, aimed)
  }

  /// Each directed link is cut or not.
  func cutRandomly(_ order: FaultOrder) throws(HarnessError) -> Wound {
    var random = RandomSource(seed: order.seed)
    let links = PartitionShape.random(order.targets, &random)
    return try cut(links, order)
  }

  /// Halves part and meet again, all the time.
  func flap(_ order: FaultOrder) throws(HarnessError) -> Wound {
    let links = PartitionShape.halves(order.targets)
    return try onAndOff(order, links) { [self] (random) async throws(HarnessError) in
      while !Task.isCancelled {
        try change(links, by: 1)
        await Self.sleep(milliseconds: random.number(in: Self.flapMilliseconds))
        try change(links, by: -1)
        await Self.sleep(milliseconds: random.number(in: Self.flapMilliseconds))
      }
    }
  }

  /// Nodes are cut off one by one, and come back one by one in another order.
  func swizzle(_ order: FaultOrder) throws(HarnessError) -> Wound {
    let row = order.targets
    let pause = UInt64(order.lasts / (2 * row.count + 1))
    let all = Set(Link.all(nodes: cluster.plan.nodesCount))
    return try onAndOff(order, all) { [self] (random) async throws(HarnessError) in
      var cutOff = row
      for node in row {
        try change(PartitionShape.alone(node, row), by: 1)
        await Self.sleep(milliseconds: pause)
      }
      while !cutOff.isEmpty {
        let node = cutOff.remove(at: random.number(below: cutOff.count))
        try change(PartitionShape.alone(node, row), by: -1)
        await Self.sleep(milliseconds: pause)
      }
    }
  }

  /// Gives the links to and from the targets accidents.
  func accidents(
    _ order: FaultOrder,
    _ give: (inout LinkFaults) -> Void
  ) throws(HarnessError) -> Wound {
    let network = try network(for: order.kind)
    guard network.hasAccidents else {
      throw .cannotInflict(order.kind, reason: "packets cannot be told apart here; use proxies")
    }
    var faults = LinkFaults()
    give(&faults)
    let links = Set(
      Link.all(nodes: cluster.plan.nodesCount).filter {
        order.targets.contains($0.from) || order.targets.contains($0.to)
      }
    )
    for link in links { accidents[link] = faults }
    try apply(links)
    return Wound(
      targets: order.targets,
      words: "amount \(order.amount)",
      feltCount: feltCount(order.kind, links, network),
      heal: { [self] () throws(HarnessError) in
        for link in links { accidents[link] = nil }
        try apply(links)
      }
    )
  }

  /// Leaves no link cut and none with accidents.
  func healNetwork() throws(HarnessError) {
    guard let network else { return }
    cuts = [:]
    accidents = [:]
    for link in Link.all(nodes: cluster.plan.nodesCount) {
      try network.use(LinkFaults(), on: link)
    }
  }

  /// What connects the nodes, if it can be broken.
  func network(for kind: FaultKind) throws(HarnessError) -> any ClusterNetwork {
    if let network { return network }
    throw .cannotInflict(kind, reason: "the nodes are not connected through a network of ours")
  }

  /// Several faults may cut one link: it is whole again when the last of them has ended.
  func change(_ links: Set<Link>, by step: Int) throws(HarnessError) {
    for link in links { cuts[link, default: 0] += step }
    try apply(links)
  }

  private func apply(_ links: Set<Link>) throws(HarnessError) {
    guard let network else { return }
    for link in links {
      var faults = accidents[link] ?? LinkFaults()
      faults.isCut = cuts[link, default: 0] > 0
      try network.use(faults, on: link)
    }
  }

  /// What is felt from now on, where frames are counted.
  private func feltCount(
    _ kind: FaultKind,
    _ links: Set<Link>,
    _ network: any ClusterNetwork
  ) -> (@MainActor () -> Int)? {
    guard network.hasAccidents else { return nil }
    func felt() -> Int { links.reduce(0) { $0 + network.counts(of: $1).met(by: kind) } }
    let before = felt()
    return { felt() - before }
  }

  /// A fault that goes on cutting and mending some links until it is healed.
  private func onAndOff(
    _ order: FaultOrder,
    _ links: Set<Link>,
    _ acts: @escaping @MainActor (inout RandomSource) async throws(HarnessError) -> Void
  ) throws(HarnessError) -> Wound {
    let network = try network(for: order.kind)
    let wound = meanwhile(order.targets, "cut and mended") { (_) throws(HarnessError) in
      var random = RandomSource(seed: order.seed)
      try await acts(&random)
    }
    wound.feltCount = feltCount(order.kind, links, network)
    return wound
  }
}
