import ClientProtocol
import LockstepClient
import Transport

/// `lockstep import` and `lockstep export`.
@MainActor
enum TransferCommands {
  static func importFile(_ invocation: Invocation) async throws(CommandFailure) {
    let run = ImportRun(invocation)
    let failure = try await run.run()
    Output(invocation).printResult(run.fields)
    if let failure { throw failure }
  }

  static func export(_ invocation: Invocation) async throws(CommandFailure) {
    let began = MonotonicClock.now()
    let count = try await Database.with(invocation) { db in
      let collection = db.collection(invocation[0])
      var progress = Progress(total: try await collection.count().value, invocation)
      var done = 0
      var block: [UInt8] = []
      for try await found in collection.scan() {
        block += found.withID.utf8
        block.append(UInt8(ascii: "\n"))
        done += 1
        guard block.count > 64 << 10 else { continue }
        StandardStream.output.write(block)
        block.removeAll(keepingCapacity: true)
        let time = Int(MonotonicClock.now() - began)
        progress.show(done: done, items: done, atMicroseconds: time)
      }
      StandardStream.output.write(block)
      progress.finish()
      return done
    }
    guard Terminal.current(environment: ProcessEnvironment.variables()).errorIsTerminal else {
      return
    }
    StandardStream.error.writeLine("\(count) documents")
  }
}
