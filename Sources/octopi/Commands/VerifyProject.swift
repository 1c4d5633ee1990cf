import ArgumentParser
import Octopi

/// `octopi verify --project`: whether all files of a project can be read.
struct VerifyProject {
  let config: String
  let console: Console

  func run(on pool: JobThreads) throws {
    let check = try ProjectCheck(try Project(file: config))
    for warning in check.warnings { console.warning(warning) }
    let entries = (0..<check.count).map { index in
      let entry = check.check(index, on: pool)
      for warning in entry.warnings { console.warning(warning) }
      console.result(VerifyProject.line(entry) + "\n")
      return entry
    }
    let failed = entries.compactMap(\.error)
    console.result("\(entries.count - failed.count) readable, \(failed.count) not\n")
    console.document([
      "command": "verify", "project": .string(config), "readable": .int(entries.count - failed.count), "failed": .int(failed.count),
      "files": .array(entries.map(VerifyProject.document)),
    ])
    guard let first = failed.first else { return }
    throw failed.allSatisfy { $0.kind == first.kind } ? first.kind.exitCode : FailureKind.damaged.exitCode
  }

  private static func line(_ entry: ProjectCheck.Entry) -> String {
    if let error = entry.error { return "failed " + error.message + (error.remedy.map { " (\($0))" } ?? "") }
    return "ok     '\(entry.path)': \(entry.contents ?? "")"
  }

  private static func document(_ entry: ProjectCheck.Entry) -> PythonValue {
    [
      "path": .string(entry.path), "contents": .optional(entry.contents), "error": .optional(entry.error?.message),
      "remedy": .optional(entry.error?.remedy), "warnings": .array(entry.warnings.map { .string($0.message) }),
    ]
  }
}
