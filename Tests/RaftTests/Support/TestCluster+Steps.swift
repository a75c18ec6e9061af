import Consensus

@testable import Raft

// What tests of whole clusters do again and again.
extension TestCluster {
  /// Three nodes with a leader that have known each other for a while.
  static func formed() -> TestCluster {
    let cluster = TestCluster(3, options: RaftOptions())
    cluster.run(milliseconds: 2_500)
    return cluster
  }

  var standings: [AdmissionStatus?] { nodes.map { $0.core?.status.admission } }

  var follower: Int { (1...count).first { !leading.contains($0) } ?? 0 }

  func isolate(_ number: Int) {
    cuts = Set(links.filter { $0.from == number || $0.to == number })
  }

  func write(_ text: String) {
    guard let leader = leading.first else { return }
    call(leader) { $0.submit(.request(.fixture(text))) }
    run(milliseconds: 100)
  }
}
