/// A value and where it came from, so that an error can say so.
struct SettingValue: Sendable, Equatable {
  enum Origin: Sendable, Equatable {
    case flag
    case environment(String)
    case file(path: String, line: Int)
    case fallback
  }

  let text: String
  let origin: Origin

  /// What an error puts before the objection.
  func place(of flag: Flag) -> String {
    switch origin {
    case .flag, .fallback: "--\(flag.name)"
    case .environment(let name): name
    case .file(let path, let line): "\(path):\(line): \(flag.name)"
    }
  }
}
