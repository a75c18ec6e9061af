/// The accounts of a bank: transfers move money and leave none below zero.
///
/// Where nobody says what they held at the beginning, the first read does; until then only what was
/// moved is known, and how far below the beginning each account has been. What 64 bits cannot hold
/// no account holds.
package struct Accounts: Hashable, Sendable {
  private var balances: [HistoryValue: Int64]?
  private var moved: [HistoryValue: Int64] = [:]
  private var lowest: [HistoryValue: Int64] = [:]

  /// Accounts with these balances; any, if it is not a map of numbers.
  init(_ initial: HistoryValue) { balances = Self.balances(in: initial) }

  /// How many numbers are kept.
  var count: Int { (balances?.count ?? 0) + moved.count + lowest.count }

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

  /// Whether a value is what is asked of a transfer.
  static func isTransfer(_ value: HistoryValue) -> Bool { Transfer(value) != nil }

  /// Whether a value is balances by account.
  static func areBalances(_ value: HistoryValue) -> Bool { balances(in: value) != nil }

  /// Whether a value is balances by account of which none is below zero.
  static func canBegin(with value: HistoryValue) -> Bool {
    balances(in: value)?.values.allSatisfy { $0 >= 0 } ?? false
  }

  /// After a read; nil if it found other balances.
  func read(_ found: HistoryValue?) -> Accounts? {
    guard let found else { return self }
    guard let found = Self.balances(in: found) else { return nil }
    if let balances { return balances == found ? self : nil }
    var accounts = self
    guard moved.keys.allSatisfy({ found[$0] != nil }),
      found.allSatisfy({ isEverPossible($0.value, in: $0.key) })
    else { return nil }
    (accounts.balances, accounts.moved, accounts.lowest) = (found, [:], [:])
    return accounts
  }

  /// Whether an account that now holds so much can never have been below zero.
  private func isEverPossible(_ balance: Int64, in account: HistoryValue) -> Bool {
    let (beginning, isTooMuch) = balance.subtractingReportingOverflow(moved[account] ?? 0)
    return !isTooMuch && balance >= 0 && beginning >= 0 && beginning + (lowest[account] ?? 0) >= 0
  }

  /// After a transfer; nil if there was too little.
  ///
  /// One that nobody knows of did nothing then.
  func transfer(_ value: HistoryValue, isKnown: Bool) -> Accounts? {
    guard let transfer = Transfer(value) else { return nil }
    let amount = transfer.amount
    var accounts = self
    if let balances {
      guard let source = balances[transfer.from], balances[transfer.to] != nil, source >= amount
      else { return isKnown ? nil : self }
      accounts.balances?[transfer.from] = source - amount
      guard let target = Self.sum(accounts.balances?[transfer.to], amount) else { return nil }
      accounts.balances?[transfer.to] = target
    } else {
      guard let left = Self.sum(moved[transfer.from], -amount) else { return nil }
      accounts.moved[transfer.from] = left
      accounts.lowest[transfer.from] = min(lowest[transfer.from] ?? 0, left)
      guard let target = Self.sum(accounts.moved[transfer.to], amount) else { return nil }
      accounts.moved[transfer.to] = target
    }
    return accounts
  }

  /// Nil if 64 bits cannot hold it.
  private static func sum(_ one: Int64?, _ other: Int64) -> Int64? {
    let (sum, isTooMuch) = (one ?? 0).addingReportingOverflow(other)
    return isTooMuch ? nil : sum
  }
}

extension Accounts {
  /// What is asked of a transfer.
  private struct Transfer {
    let from: HistoryValue
    let to: HistoryValue
    /// At least 0.
    let amount: Int64

    init?(_ value: HistoryValue) {
      guard let from = Self.account(value.field("from")),
        let to = Self.account(value.field("to")),
        case .integer(let amount)? = value.field("amount"), amount >= 0
      else { return nil }
      (self.from, self.to, self.amount) = (from, to, amount)
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
}
