/// The scores of a set of runs: per run and object, per object over all runs, and one number.
public struct Evaluation: Sendable, Hashable {
  /// In the order of the objects that were scored.
  public let objects: [ObjectResult]
  /// In the order of the runs that were scored.
  public let runs: [RunResult]
  public let distanceThresholdScale: Double

  public struct RunResult: Sendable, Hashable {
    public let name: String
    /// One for each of ``Evaluation/objects``.
    public let scores: [ObjectScore]
  }

  public struct ObjectResult: Sendable, Hashable {
    public let object: EvaluatedObject
    /// Mean and standard deviation over the runs that have points on both sides, in the order and with the names of octopi's summary; NaN if
    /// there is no such run.
    public let summary: [Statistic]
    /// Sums over all runs.
    public let counts: MatchCounts
    /// The F score of the sums; 0 for an object that has no hit anywhere.
    public let fScore: Double
  }

  public struct Statistic: Sendable, Hashable {
    public let name: String
    public let mean: Double
    public let deviation: Double
  }

  /// The mean of the objects' F scores by weight: `.float`, or the integer 0 if the weights do not add up to more than 0.
  public var finalScore: PythonValue {
    var score = 0.0, weights = 0.0
    for result in objects {
      score += result.fScore * result.object.weightValue
      weights += result.object.weightValue
    }
    return weights > 0 ? .float(score / weights) : 0
  }
}

extension Evaluation.ObjectResult {
  private static let statistics = [
    "precision", "recall", "f1_score", "fbeta_score", "accuracy", "true_positives", "false_positives", "false_negatives",
  ]

  init(object: EvaluatedObject, beta: Int, scores: [ObjectScore]) {
    var counts = MatchCounts()
    var values = Array(repeating: [Double](), count: Self.statistics.count)
    for score in scores {
      counts.add(score.counts)
      guard case .measured = score else { continue }
      for (index, member) in score.entries.enumerated() {
        switch member.value {
        case .int(let number): values[index].append(Double(number))
        case .float(let number): values[index].append(number)
        default: break
        }
      }
    }
    self.object = object
    self.counts = counts
    fScore = counts.fScore(beta: beta)
    summary = zip(Self.statistics, values).map { name, values in
      let statistic = NumPySum.statistics(values)
      return Evaluation.Statistic(name: name, mean: statistic.mean, deviation: statistic.deviation)
    }
  }
}
