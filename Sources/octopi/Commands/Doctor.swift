import ArgumentParser
import Octopi

/// `octopi doctor`: whether this machine is fit for the program.
struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say what of this machine and installation is fine and what is not.",
    usage: "octopi doctor [options]",
    discussion: "Writes nothing. Exit code: 0 if the program can work, else 69.")

  @OptionGroup(title: "Messages") var output: OutputOptions

  func run() throws {
    let console = try output.console()
    var health = Health()
    do throws(DemoFailure) {
      health.add(Health.Finding("demo", .fine, "'\(try DemoExample.source())'"))
    } catch {
      health.add(Health.Finding("demo", .remark, error.message, remedy: error.remedy))
    }
    console.result(Doctor.text(health))
    console.document([
      "command": "doctor", "version": .string(ProgramVersion.text), "fine": .bool(health.isFine),
      "findings": .array(
        health.findings.map {
          ["topic": .string($0.topic), "status": .string($0.status.rawValue), "text": .string($0.text), "remedy": .optional($0.remedy)]
        }),
    ])
    if !health.isFine { throw FailureKind.unsupported.exitCode }
  }

  private static func text(_ health: Health) -> String {
    let marks: [Health.Status: String] = [.fine: "ok", .remark: "note", .problem: "BAD"]
    var table = Table([("octopi \(ProgramVersion.text)", .left), ("", .left), ("", .left)])
    for finding in health.findings {
      table.add([finding.topic, marks[finding.status] ?? "", finding.text])
      if let remedy = finding.remedy { table.add(["", "", "-> " + remedy]) }
    }
    return table.text()
  }
}
