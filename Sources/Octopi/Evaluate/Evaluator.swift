import Kernels

/// Scores picks against ground truth, as octopi 1.7.0 does (`processing/evaluate.py: evaluator.run`).
///
///     let evaluator = try Evaluator(objects: objects.selected)
///     let evaluation = try evaluator.evaluate(runs: ["TS_1", "TS_2"], pool: pool) { run, object in PicksPair(truth: ..., prediction: ...) }
///
/// A run's picks are read, counted and forgotten; results do not depend on the number of threads.
public struct Evaluator: Sendable {
  public let objects: [EvaluatedObject]
  /// The share of an object's radius within which a pick is a hit.
  public let distanceThresholdScale: Double
  /// How many times recall counts in the F score.
  public let beta: Int

  /// - Throws: ``EvaluateError/thresholdScaleInvalid(_:)`` for a scale that is negative or not finite.
  public init(objects: [EvaluatedObject], distanceThresholdScale: Double = 0.8, beta: Int = 4) throws(EvaluateError) {
    guard distanceThresholdScale.isFinite, distanceThresholdScale >= 0 else { throw .thresholdScaleInvalid(distanceThresholdScale) }
    self.objects = objects
    self.distanceThresholdScale = distanceThresholdScale
    self.beta = beta
  }

  /// Scores every object in every run. A run or object that is named twice counts twice, as in octopi.
  /// - picks: called once per distinct run and object, from several threads.
  /// - Throws: what `picks` throws for the first run, in order, that fails; ``EvaluateError/radiusMissing(object:)`` for an object without
  ///   radius that has points on both sides.
  public func evaluate(
    runs: [String], pool: ThreadPool, picks: @Sendable (_ run: String, _ object: String) throws -> PicksPair
  ) throws -> Evaluation {
    let runNames = distinct(runs, by: \.self), scoredObjects = distinct(objects, by: \.name)
    let scored = pool.map(runNames.count) { index in
      Result { try scoredObjects.map { try score($0, in: runNames[index], picks) } }
    }
    var scoresOfRun: [String: [ObjectScore]] = [:]
    for (run, result) in zip(runNames, scored) { scoresOfRun[run] = try result.get() }

    let objectResults = scoredObjects.enumerated().map { index, object in
      let repetitions = objects.count { $0.name == object.name }
      let scores = runs.compactMap { scoresOfRun[$0]?[index] }.flatMap { Array(repeating: $0, count: repetitions) }
      return Evaluation.ObjectResult(object: object, beta: beta, scores: scores)
    }
    let runResults = runNames.map { Evaluation.RunResult(name: $0, scores: scoresOfRun[$0] ?? []) }
    return Evaluation(objects: objectResults, runs: runResults, distanceThresholdScale: distanceThresholdScale)
  }

  private func score(_ object: EvaluatedObject, in run: String, _ picks: (String, String) throws -> PicksPair) throws -> ObjectScore {
    try ObjectScore(picks(run, object.name), beta: beta) { () throws(EvaluateError) in
      guard let radius = object.radius else { throw .radiusMissing(object: object.name) }
      return radius / 10 * distanceThresholdScale
    }
  }

  /// The first element of each name.
  private func distinct<Element>(_ elements: [Element], by name: (Element) -> String) -> [Element] {
    var seen: Set<String> = []
    return elements.filter { seen.insert(name($0)).inserted }
  }
}
