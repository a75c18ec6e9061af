/// What a client asks for at the end: each call is to succeed, and is repeated until it does.
///
/// One that never does leaves no patience for the others: they are asked once each, so that as
/// much as possible is read, until a second one fails.
struct LastCalls {
  private static let pauseMilliseconds = 100

  private let calls: [WorkloadCall]
  private let quiet: QuietTime

  /// Calls, and who is told of those that end in vain.
  init(_ calls: [WorkloadCall], _ quiet: QuietTime) {
    (self.calls, self.quiet) = (calls, quiet)
  }

  /// Makes the calls; the time is in microseconds.
  func ask(
    now: () -> Int64,
    pause: () async -> Void = Self.pause,
    _ perform: (WorkloadCall) async -> CallEnding
  ) async {
    var patience = QuietTime.patienceMicroseconds
    for (place, call) in calls.enumerated() {
      let began = now()
      var ending = await perform(call)
      while !ending.isOK, now() - began < patience {
        await pause()
        ending = await perform(call)
      }
      guard !ending.isOK else { continue }
      quiet.giveUp(call, ending)
      guard patience > 0 else { return quiet.leaveOut(calls.count - place - 1) }
      patience = 0
    }
  }

  private static func pause() async {
    // Nobody cancels a client that asks for the last time.
    try? await Task.sleep(for: .milliseconds(pauseMilliseconds))
  }
}

extension CallEnding {
  fileprivate var isOK: Bool {
    if case .ok = self { true } else { false }
  }
}
