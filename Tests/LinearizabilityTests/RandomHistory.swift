import Linearizability

/// Small random histories over one register, about half of them possible.
struct RandomHistory {
  typealias RegisterOperation = RecordedOperation<
    RevisionedRegister.Input, RevisionedRegister.Output
  >

  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  /// A history made by a real register, with some answers then falsified.
  mutating func next() -> [RegisterOperation] {
    let count = 2 + number(below: 5)
    var instants = shuffledInstants(count)
    var register = RealRegister()
    var operations: [RegisterOperation] = []
    for _ in 0..<count {
      let (first, second) = instants.removeLast()
      let input = randomInput()
      var output = register.answer(input)
      if number(below: 8) == 0 { output = falsified(output) }
      let ending: RegisterOperation.Ending
      switch number(below: 6) {
      case 0: ending = .info
      default: ending = .ok(output, at: second)
      }
      operations.append(RegisterOperation(input: input, invoked: first, ending: ending))
    }
    return operations
  }

  /// Intervals that mostly follow each other and often overlap.
  private mutating func shuffledInstants(_ count: Int) -> [(UInt64, UInt64)] {
    (0..<count).map { place in
      let start = UInt64(place * 10 + number(below: 12))
      return (start, start + 1 + UInt64(number(below: 25)))
    }.reversed()
  }

  private mutating func randomInput() -> RevisionedRegister.Input {
    let value = Array("\(number(below: 3))".utf8)
    switch number(below: 8) {
    case 0, 1: return .put(value)
    case 2: return .insert(value)
    case 3: return .delete(ifRevision: UInt64(number(below: 4)))
    case 4: return .increment(by: 1)
    case 5: return .replace(value, ifRevision: UInt64(1 + number(below: 4)))
    default: return .get
    }
  }

  private mutating func falsified(_ output: RevisionedRegister.Output) -> RevisionedRegister.Output
  {
    switch output {
    case .found(let value, let revision): .found(value: value, revision: revision + 1)
    case .absent: .conflict
    case .changed(let revision): .changed(revision: max(1, revision - 1))
    case .counted(let sum, let revision): .counted(sum + 1, revision: revision)
    case .conflict: .absent
    }
  }

  private mutating func number(below limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(limit))
  }
}

/// A register that really exists, one operation at a time.
private struct RealRegister {
  private var value: String?
  private var revision: UInt64 = 0
  private var newest: UInt64 = 0

  mutating func answer(_ input: RevisionedRegister.Input) -> RevisionedRegister.Output {
    switch input {
    case .get:
      return value.map { .found(value: Array($0.utf8), revision: revision) } ?? .absent
    case .put(let bytes):
      return write(bytes)
    case .insert(let bytes):
      return value == nil ? write(bytes) : .conflict
    case .replace(let bytes, let expected):
      if value == nil { return .absent }
      return revision == expected ? write(bytes) : .conflict
    case .delete(let expected):
      if value == nil { return .absent }
      guard expected == 0 || revision == expected else { return .conflict }
      value = nil
      newest += 1
      return .changed(revision: newest)
    case .increment(let step):
      let sum = (Int64(value ?? "0") ?? 0) + step
      _ = write(Array("\(sum)".utf8))
      return .counted(sum, revision: revision)
    }
  }

  private mutating func write(_ bytes: [UInt8]) -> RevisionedRegister.Output {
    newest += 1
    value = String(decoding: bytes, as: UTF8.self)
    revision = newest
    return .changed(revision: revision)
  }
}
