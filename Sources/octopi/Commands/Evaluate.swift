import ArgumentParser
import Foundation
import Octopi

/// `octopi evaluate`: picks against ground truth.
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Score picks against ground truth.",
    usage: "octopi evaluate --config FILE --ground-truth-user-id USER [options]",
    discussion: """
      Examples:

        octopi evaluate --config config.json \\
            --ground-truth-user-id data-portal --ground-truth-session-id 0 \\
            --predict-user-id octopi --predict-session-id 1 --save-path results
        octopi evaluate -c config.json -gtuid data-portal -gtsid 0 -o scores

      Prints the scores and writes metrics.json and average_metrics.yaml; older ones are replaced.
      """)

  @OptionGroup(title: "Input") var project: ConfigOption
  @OptionGroup(title: "Input") var runs: RunOptions
  @OptionGroup(title: "Input") var picks: EvaluatedPicksOptions
  @OptionGroup(title: "Score") var score: ScoreOptions
  @OptionGroup(title: "Performance") var threads: ThreadsOption
  @OptionGroup(title: "Output") var dryRun: DryRunOption
  @OptionGroup(title: "Output") var results: ScoreOutputOptions
  @OptionGroup(title: "Messages") var output: OutputOptions

  func run() throws { try perform(Array(CommandLine.arguments.dropFirst()), console: output.console()) }

  /// - words: the command line, for the one that goes on after an interrupt.
  @discardableResult
  func perform(_ words: [String], console: Console) throws -> Evaluation? {
    let request = try request(), threads = try threads.requested()
    let report = JobReport(console: console, words: words, participle: "evaluated")
    let job = try EvaluateProject(request)
    report.show(job.warnings)
    console.result(EvaluationText.opening(job.query, objects: job.objects, runs: job.runs.map(\.name)))
    if dryRun.dryRun {
      EvaluateText.plan(of: job, folder: results.folder, console)
      return nil
    }
    return try report.withOutputs { outputs in
      let scores = try job.evaluate(on: .forJob(threads))
      report.show(scores.warnings)
      if results.verbose == .yes { for line in scores.missing { console.note(line) } }
      console.result(EvaluationText.results(scores.evaluation))
      let files = try job.write(scores.evaluation, to: results.folder, outputs)
      console.result(EvaluationText.saved(averageMetrics: files[0], metrics: files[1]))
      console.aside("\n" + EvaluateText.table(scores.evaluation))
      EvaluateText.document(scores.evaluation, files: files, console)
      return scores.evaluation
    }
  }

  private func request() throws -> EvaluateRequest {
    var request = EvaluateRequest(configuration: try project.required(), truthUser: try picks.requiredTruthUser())
    request.truthSession = picks.truthSession
    request.predictionUser = picks.predictionUser
    request.predictionSession = picks.predictionSession
    request.runs = try runs.names()
    request.objects = try picks.objects()
    request.distanceThresholdScale = score.distanceThresholdScale
    request.beta = score.beta
    return request
  }
}

/// What `evaluate` prints beyond octopi's own text.
enum EvaluateText {
  static func plan(of job: EvaluateProject, folder: String, _ console: Console) {
    let files = EvaluateProject.paths(in: folder)
    console.result("\nwould write \(files.joined(separator: " and ")); nothing was written\n")
    console.document([
      "command": "evaluate", "dry_run": true, "runs": .array(job.runs.map { .string($0.name) }),
      "objects": .array(job.objects.selected.map { .string($0.name) }), "files": .array(files.map(PythonValue.string)),
    ])
  }

  /// Hits and scores per object, and the final score.
  static func table(_ evaluation: Evaluation) -> String {
    var table = Table([
      ("object", .left), ("hits", .right), ("false", .right), ("missed", .right), ("precision", .right), ("recall", .right), ("F", .right),
      ("weight", .right),
    ])
    for result in evaluation.objects {
      let counts = result.counts
      table.add([
        result.object.name, Units.count(counts.truePositives), Units.count(counts.falsePositives), Units.count(counts.falseNegatives),
        fixed(counts.precision), fixed(counts.recall), fixed(result.fScore), PythonJSON.text(result.object.weight),
      ])
    }
    return table.text() + "final score \(fixed(score(evaluation)))\n"
  }

  static func score(_ evaluation: Evaluation) -> Double { if case .float(let score) = evaluation.finalScore { score } else { 0 } }

  private static func fixed(_ value: Double) -> String { String(format: "%.3f", value) }

  static func document(_ evaluation: Evaluation, files: [String], _ console: Console) {
    console.document([
      "command": "evaluate", "final_score": evaluation.finalScore,
      "objects": .array(
        evaluation.objects.map { result in
          [
            "object": .string(result.object.name), "true_positives": .int(result.counts.truePositives),
            "false_positives": .int(result.counts.falsePositives), "false_negatives": .int(result.counts.falseNegatives),
            "precision": .float(result.counts.precision), "recall": .float(result.counts.recall), "fbeta": .float(result.fScore),
            "weight": result.object.weight,
          ]
        }), "runs": .array(evaluation.runs.map { .string($0.name) }), "files": .array(files.map(PythonValue.string)),
    ])
  }
}
