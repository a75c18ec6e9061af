/// An operation, to be shown.
struct ShownCall {
  let process: Int
  let call: ModelCall
  let lines: (begin: Int, end: Int)

  func operation(of history: History) -> Counterexample.Operation {
    Counterexample.Operation(process: history.processes[process], call: call, lines: lines)
  }
}

extension PackedOperations {
  /// The operations as a user's model takes them, and as they are shown.
  func calls(
    named names: [[UInt8]]
  ) -> (operations: [RecordedOperation<ModelCall, HistoryValue>], shown: [ShownCall]) {
    let functions = names.map { String(decoding: $0, as: UTF8.self) }
    var operations: [RecordedOperation<ModelCall, HistoryValue>] = []
    var shown: [ShownCall] = []
    for place in 0..<count {
      // Which function of our own it is does not matter here.
      let operation = operation(place, as: .read)
      let call = ModelCall(
        function: functions[function(of: place)],
        argument: operation.argument,
        result: operation.isOK ? operation.result : nil
      )
      let ending: RecordedOperation<ModelCall, HistoryValue>.Ending =
        switch operation.ending {
        case .ok: .ok(operation.result, at: UInt64(operation.end))
        case .fail: .fail
        case .info, .invoke: .info
        }
      operations.append(
        RecordedOperation(input: call, invoked: UInt64(operation.start), ending: ending)
      )
      let lines = (begin: operation.lines.begin, end: operation.lines.end ?? operation.lines.begin)
      shown.append(ShownCall(process: operation.process, call: call, lines: lines))
    }
    return (operations, shown)
  }
}
