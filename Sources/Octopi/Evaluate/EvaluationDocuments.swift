/// What was asked for, as it stands in the files.
public struct EvaluationQuery: Sendable, Hashable {
  /// The path of the project configuration as typed.
  public let configuration: String
  public let truthUser: String
  /// nil: any session.
  public let truthSession: String?
  public let predictionUser: String
  public let predictionSession: String?
  /// The runs as asked for; nil for all of the project.
  public let runs: [String]?

  public init(configuration: String, truthUser: String, truthSession: String?, predictionUser: String, predictionSession: String?, runs: [String]?) {
    self.configuration = configuration
    self.truthUser = truthUser
    self.truthSession = truthSession
    self.predictionUser = predictionUser
    self.predictionSession = predictionSession
    self.runs = runs.flatMap { $0.isEmpty ? nil : $0 }
  }

  fileprivate var input: PythonValue {
    [
      "copick_config": .string(configuration),
      "ground_truth_user_id": .string(truthUser), "ground_truth_session_id": .optional(truthSession),
      "prediction_user_id": .string(predictionUser), "predict_session_id": .optional(predictionSession),
    ]
  }
}

extension Evaluation {
  /// The bytes of octopi's `metrics.json`: every run and object. No newline at the end.
  public func metricsJSON(_ query: EvaluationQuery) -> String {
    let metrics = runs.map { run in
      PythonValue.Member(run.name, .object(zip(objects, run.scores).map { .init($0.object.name, .object($1.entries)) }))
    }
    return PythonJSON.text(["input": query.input, "metrics": .object(metrics), "parameters": parameters(query)], indent: 4)
  }

  /// The bytes of octopi's `average_metrics.yaml`: score, sums and summary per object.
  public func averageMetricsYAML(_ query: EvaluationQuery) -> String {
    let aggregate = objects.map { result in
      PythonValue.Member(
        result.object.name,
        [
          "tp": .int(result.counts.truePositives), "fp": .int(result.counts.falsePositives), "fn": .int(result.counts.falseNegatives),
          "weight": result.object.weight,
        ])
    }
    let summary = objects.map { result in
      PythonValue.Member(
        result.object.name, .object(result.summary.map { .init($0.name, ["mean": .float($0.mean), "std": .float($0.deviation)]) }))
    }
    return PythonYAML.scores.text([
      "input": query.input, "final_fbeta_score": finalScore, "aggregated_particle_scores": .object(aggregate),
      "summary_metrics": .object(summary), "parameters": parameters(query),
    ])
  }

  private func parameters(_ query: EvaluationQuery) -> PythonValue {
    [
      "distance_threshold_scale": .float(distanceThresholdScale),
      "runIDs": query.runs.map { .array($0.map(PythonValue.string)) } ?? .null,
    ]
  }
}
