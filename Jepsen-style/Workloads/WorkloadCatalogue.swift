/// The workloads there are, by name.
package enum WorkloadCatalogue {
  /// In the order in which they are listed.
  package static let all: [any Workload.Type] = [
    RegisterWorkload.self, CompareAndSetWorkload.self, KeyValueWorkload.self, SetWorkload.self,
    UniqueIDsWorkload.self, CounterWorkload.self, TextWorkload.self, ListAppendWorkload.self,
    DocumentsWorkload.self, ConsistencyWorkload.self, SessionsWorkload.self,
  ]

  /// The workload of a name.
  package static func named(_ name: String) -> (any Workload.Type)? {
    all.first { $0.name == name }
  }
}
