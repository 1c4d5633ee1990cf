/// How predictions and true points of one object match.
///
/// No one-to-one matching: several predictions at one particle are all true, and one prediction between two particles serves both.
public struct MatchCounts: Sendable, Hashable {
  public internal(set) var truePositives = 0
  public internal(set) var falsePositives = 0
  public internal(set) var falseNegatives = 0
}

/// The score of one object in one run.
public enum ObjectScore: Sendable, Hashable {
  /// One side has no points: nothing to measure. Counts in the aggregate, but not in the summary.
  case oneSided(MatchCounts)
  case measured(MatchCounts, beta: Int)

  public var counts: MatchCounts {
    switch self {
    case .oneSided(let counts), .measured(let counts, _): counts
    }
  }

  /// - threshold: asked for only if both sides have points.
  init(_ picks: PicksPair, beta: Int, threshold: () throws(EvaluateError) -> Double) throws(EvaluateError) {
    if picks.truth.isEmpty || picks.prediction.isEmpty {
      // Predictions without any truth are false; without predictions all true points are missed.
      self = .oneSided(MatchCounts(falsePositives: picks.prediction.count, falseNegatives: picks.truth.count))
      return
    }
    let threshold = try threshold()
    let truth = picks.truth.map(PointIndex.Point.init), prediction = picks.prediction.map(PointIndex.Point.init)
    let truths = PointIndex(truth), predictions = PointIndex(prediction)
    var counts = MatchCounts()
    counts.truePositives = prediction.count { truths.hasPoint(near: $0, threshold: threshold) }
    counts.falsePositives = prediction.count - counts.truePositives
    counts.falseNegatives = truth.count { !predictions.hasPoint(near: $0, threshold: threshold) }
    self = .measured(counts, beta: beta)
  }

  /// Names and values in octopi's order. Ratios without a value are the integer 0, which is written differently from 0.0.
  public var entries: [PythonValue.Member] {
    switch self {
    case .oneSided(let counts):
      [
        .init("precision", 0), .init("recall", 0), .init("fbeta_score", 0), .init("true_positives", 0),
        .init("false_positives", .int(counts.falsePositives)), .init("false_negatives", .int(counts.falseNegatives)),
      ]
    case .measured(let counts, let beta):
      [
        .init("precision", .float(counts.precision)), .init("recall", .float(counts.recall)),
        .init("f1_score", counts.truePositives > 0 ? .float(counts.fScore(beta: 1)) : 0),
        .init("fbeta_score", counts.truePositives > 0 ? .float(counts.fScore(beta: beta)) : 0), .init("accuracy", .float(counts.accuracy)),
        .init("true_positives", .int(counts.truePositives)), .init("false_positives", .int(counts.falsePositives)),
        .init("false_negatives", .int(counts.falseNegatives)),
      ]
    }
  }
}

extension MatchCounts {
  /// True among predicted; 0 without predictions.
  public var precision: Double { ratio(truePositives, truePositives + falsePositives) }
  /// Found among true; 0 without true points.
  public var recall: Double { ratio(truePositives, truePositives + falseNegatives) }
  var accuracy: Double { ratio(truePositives, truePositives + falsePositives + falseNegatives) }

  /// The weighted harmonic mean of precision and recall, recall counting `beta` times: `(1 + b^2) * (P * R) / (b^2 * P + R)`; 0 without hits.
  public func fScore(beta: Int) -> Double {
    guard truePositives > 0 else { return 0 }
    let square = Double(beta) * Double(beta)
    return (1 + square) * (precision * recall) / (square * precision + recall)
  }

  private func ratio(_ part: Int, _ whole: Int) -> Double { whole > 0 ? Double(part) / Double(whole) : 0 }

  mutating func add(_ other: MatchCounts) {
    truePositives += other.truePositives
    falsePositives += other.falsePositives
    falseNegatives += other.falseNegatives
  }
}
