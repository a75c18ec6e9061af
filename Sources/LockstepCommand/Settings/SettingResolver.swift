/// Decides each flag's value: command line, then environment, then file, then default.
struct SettingResolver {
  private let surroundings: Surroundings
  private let file: ConfigurationFile?

  /// Finds the configuration file, which may be named by a flag or by the environment.
  init(
    given: [String: String],
    surroundings: Surroundings,
    knownKeys: [String]
  ) throws(CommandFailure) {
    self.surroundings = surroundings
    let named = given["config"] ?? surroundings.environment["LOCKSTEP_CONFIG"]
    let usual = Self.usualPath(surroundings.environment)
    guard let path = named ?? usual else {
      file = nil
      return
    }
    guard let text = try Self.text(of: path, isNamed: named != nil, surroundings) else {
      guard named == nil else {
        throw .usage("there is no configuration file '\(path)'")
      }
      file = nil
      return
    }
    file = try ConfigurationFile(path: path, text: text, knownKeys: knownKeys)
  }

  /// Where the file is if nobody names it (XDG Base Directory Specification: what is empty counts
  /// as not set).
  private static func usualPath(_ environment: [String: String]) -> String? {
    if let folder = environment["XDG_CONFIG_HOME"], !folder.isEmpty {
      return folder + "/lockstep/config"
    }
    return environment["HOME"].map { $0 + "/.config/lockstep/config" }
  }

  /// What nobody named and this user may not see is not there for them.
  private static func text(
    of path: String,
    isNamed: Bool,
    _ surroundings: Surroundings
  ) throws(CommandFailure) -> String? {
    do throws(CommandFailure) {
      return try surroundings.readFile(path)
    } catch {
      guard error.isDenied, !isNamed else { throw error }
      return nil
    }
  }

  /// The checked value of a flag, nil where nobody gives one.
  func value(of flag: Flag, given: [String: String]) throws(CommandFailure) -> SettingValue? {
    guard let value = unchecked(flag, given) else { return nil }
    if let objection = flag.kind.objection(to: value.text) {
      throw .usage("\(value.place(of: flag)): \(objection)")
    }
    return value
  }

  private func unchecked(_ flag: Flag, _ given: [String: String]) -> SettingValue? {
    if let text = given[flag.name] { return SettingValue(text: text, origin: .flag) }
    return (flag.isOfCommandLine ? nil : standing(flag))
      ?? flag.fallback.map { SettingValue(text: $0, origin: .fallback) }
  }

  /// What is set for all commands.
  private func standing(_ flag: Flag) -> SettingValue? {
    let variable = flag.environmentName
    if let text = surroundings.environment[variable] {
      return SettingValue(text: text, origin: .environment(variable))
    }
    if let file, let entry = file.entries[flag.name] {
      let origin = SettingValue.Origin.file(path: file.path, line: entry.line)
      return SettingValue(text: entry.value, origin: origin)
    }
    return nil
  }
}
