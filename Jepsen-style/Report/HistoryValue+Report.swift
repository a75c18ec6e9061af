package import Linearizability

extension HistoryValue {
  /// An object whose fields stand in this order.
  package static func object(_ fields: [(String, HistoryValue)]) -> HistoryValue {
    .fields(fields.map { Field(name: Array($0.0.utf8), value: $0.1) })
  }

  /// A list of texts.
  package static func texts(_ all: [String]) -> HistoryValue { .list(all.map { HistoryValue($0) }) }

  /// A number with so many decimals, as JSON.
  package static func decimal(_ value: Double, places: Int) -> HistoryValue {
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    return value.isFinite ? .number((value * scale).rounded() / scale) : .null
  }
}
