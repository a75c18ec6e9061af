/// The accounts of a bank: transfers move money and leave none below zero.
///
/// Where nobody says what they held at the beginning, the first read does; until then only what was
/// moved is known, and how far below the beginning each account has been.
package struct Accounts: Hashable, Sendable {
  private var balances: [HistoryValue: Int64]?
  private var moved: [HistoryValue: Int64] = [:]
  private var lowest: [HistoryValue: Int64] = [:]

  /// Accounts with these balances; any, if it is not a map of numbers.
  init(_ initial: HistoryValue) { balances = Self.balances(in: initial) }

  /// What a read finds; null where nobody has said what was there at the beginning.
  package var found: HistoryValue {
    guard let balances else { return .null }
    return .fields(
      balances.map { HistoryValue.Field(name: Self.bytes(of: $0.key), value: .integer($0.value)) }
        .sorted { $0.name.lexicographicallyPrecedes($1.name) }
    )
  }

  private static func bytes(of account: HistoryValue) -> [UInt8] {
    if case .text(let bytes) = account { bytes } else { [] }
  }

  /// Balances by account; nil if the value is none.
  private static func balances(in value: HistoryValue) -> [HistoryValue: Int64]? {
    guard case .fields(let fields) = value else { return nil }
    var balances: [HistoryValue: Int64] = [:]
    for field in fields {
      guard case .integer(let balance) = field.value else { return nil }
      balances[.text(field.name)] = balance
    }
    return balances
  }

  /// After a read; nil if it found other balances.
  func read(_ found: HistoryValue?) -> Accounts? {
    guard let found else { return self }
    guard let found = Self.balances(in: found) else { return nil }
    if let balances { return balances == found ? self : nil }
    var accounts = self
    let beginning = found.merging(moved.mapValues { -$0 }, uniquingKeysWith: +)
    let isEverNegative = beginning.contains { $0.value + (lowest[$0.key] ?? 0) < 0 }
    guard beginning.count == found.count, !isEverNegative else { return nil }
    (accounts.balances, accounts.moved, accounts.lowest) = (found, [:], [:])
    return accounts
  }

  /// After a transfer; nil if there was too little.
  ///
  /// One that nobody knows of did nothing then.
  func transfer(_ transfer: HistoryValue, isKnown: Bool) -> Accounts? {
    guard let from = Self.account(transfer.field("from")),
      let to = Self.account(transfer.field("to")),
      case .integer(let amount)? = transfer.field("amount")
    else { return nil }
    var accounts = self
    if let balances {
      guard let source = balances[from], balances[to] != nil, source >= amount else {
        return isKnown ? nil : self
      }
      accounts.balances?[from, default: 0] -= amount
      accounts.balances?[to, default: 0] += amount
    } else {
      accounts.moved[from, default: 0] -= amount
      accounts.lowest[from] = min(lowest[from] ?? 0, accounts.moved[from] ?? 0)
      accounts.moved[to, default: 0] += amount
    }
    return accounts
  }

  /// Names are texts in a map, and may be numbers in a transfer.
  private static func account(_ name: HistoryValue?) -> HistoryValue? {
    switch name {
    case .text?: name
    case .integer(let number)?: HistoryValue(String(number))
    default: nil
    }
  }
}
