import ArgumentParser
import Foundation
import Octopi

/// From the words of the command line to an exit code: parses, runs, and turns every error into one message.
enum Entry {
  static func run(_ arguments: [String]) -> Int32 {
    Stream.ignoreClosedPipes()
    let code = parseAndRun(arguments)
    guard code == 0, let fault = Stream.output.failure else { return code }
    Console().failure("cannot write the result to standard output: \(fault)", remedy: "free space there, or write to a file elsewhere")
    return ExitCode.inputOutput.rawValue
  }

  private static func parseAndRun(_ arguments: [String]) -> Int32 {
    var command: any ParsableCommand
    do {
      try UnknownCommand.check(arguments)
      command = try OctopiCommand.parseAsRoot(arguments)
    } catch let failure as any Failure {
      return report(failure)
    } catch {
      return answer(parsing: error, arguments)
    }
    let names = OctopiCommand.names(in: arguments)
    if !names.isEmpty, names.count == arguments.count, !(command is Demo || command is Doctor) {
      Stream.diagnostics.write(help(names, .short))
      return ExitCode.usage.rawValue
    }
    do {
      try command.run()
      return 0
    } catch {
      return report(error, arguments)
    }
  }

  /// Help, the version and completions are answers; anything else is wrong usage.
  private static func answer(parsing error: any Error, _ arguments: [String]) -> Int32 {
    if OctopiCommand.exitCode(for: error) == .success {
      let answer = OctopiCommand.fullMessage(for: error)
      let names = OctopiCommand.names(in: arguments.first == "help" ? Array(arguments.dropFirst()) : arguments)
      Stream.output.write(answer.hasPrefix(parsersHelp) ? help(names, arguments.contains("-h") ? .short : .long) : ended(answer))
      return 0
    }
    let start = arguments.drop { !OctopiCommand.names.contains($0) }, names = OctopiCommand.names(in: Array(start))
    let problem = UsageProblem(
      parserMessage: OctopiCommand.message(for: error), command: names.isEmpty ? nil : names.joined(separator: " "), words: arguments)
    Console().failure(problem.message, remedy: problem.remedy)
    return ExitCode.usage.rawValue
  }

  /// How the parser's own help begins, which ours takes the place of.
  private static let parsersHelp = "OVERVIEW: "

  private static func help(_ names: [String], _ length: HelpText.Length) -> String {
    let columns = Environment.value("COLUMNS").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } ?? Stream.output.columns
    return CommandManual(names).map { HelpText($0, length, columns: columns).text } ?? ""
  }

  private static func report(_ error: any Error, _ arguments: [String] = []) -> Int32 {
    switch error {
    case let code as ExitCode:
      return code.rawValue
    case OutputError.interrupted: Interrupt.waitForTheEnd()
    case let failure as any Failure:
      Console().failure(failure.message, remedy: failure.remedy)
      return failure.kind.exitCode.rawValue
    default:
      if OctopiCommand.exitCode(for: error) == .success || error is CleanExit || error is ValidationError {
        return answer(parsing: error, arguments)
      }
      Console().failure(
        "unexpected: \(error)",
        remedy: "this is a defect of octopi \(ProgramVersion.text): please report it with the command line and the files' headers")
      return FailureKind.defect.exitCode.rawValue
    }
  }

  private static func ended(_ text: String) -> String { text.hasSuffix("\n") ? text : text + "\n" }
}

extension OctopiCommand {
  /// Names of all commands.
  static var names: [String] { configuration.subcommands.map { $0._commandName } }

  static func type(named name: String) -> (any ParsableCommand.Type)? { type(named: name.split(separator: " ").map(String.init)) }

  /// A command by its name and those of the commands it is one of: `["extract", "seg"]`.
  static func type(named path: [String]) -> (any ParsableCommand.Type)? {
    var type: any ParsableCommand.Type = OctopiCommand.self
    for name in path {
      guard let next = type.configuration.subcommands.first(where: { $0._commandName == name }) else { return nil }
      type = next
    }
    return path.isEmpty ? nil : type
  }

  /// The first words, as far as they name commands.
  static func names(in words: [String]) -> [String] {
    var path: [String] = []
    for word in words {
      guard type(named: path + [word]) != nil else { break }
      path.append(word)
    }
    return path
  }
}
