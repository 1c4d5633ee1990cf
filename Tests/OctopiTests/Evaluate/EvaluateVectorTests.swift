import Kernels
import Octopi
import Testing

extension EvaluateVectors.Case: CustomTestStringConvertible {
  var testDescription: String { name }
}

/// Against what octopi 1.7.0 wrote and printed: all bytes.
@Suite("evaluate: vectors of octopi")
struct EvaluateVectorTests {
  @Test func vectorsAreThere() { #expect(EvaluateVectors.all.map(\.name) == ["default", "strict", "nothing_predicted"]) }

  @Test(arguments: EvaluateVectors.all, [1, 3])
  func equalsOctopi(_ vector: EvaluateVectors.Case, threads: Int) throws {
    let query = EvaluationQuery(
      configuration: try #require(vector.option("-c")), truthUser: try #require(vector.option("-gtuid")), truthSession: vector.option("-gtsid"),
      predictionUser: try #require(vector.option("-puid")), predictionSession: vector.option("-psid"), runs: vector.list("--run-ids"))
    let objects = try EvaluatedObjects(available: EvaluateVectors.objects(), requested: vector.list("-names"))
    let evaluator = try Evaluator(
      objects: objects.selected, distanceThresholdScale: vector.option("-dts").flatMap(Double.init) ?? 0.8,
      beta: vector.option("-fb").flatMap { Int($0) } ?? 4)
    let runs = query.runs ?? EvaluateVectors.runs

    let evaluation = try evaluator.evaluate(runs: runs, pool: ThreadPool(threads: threads)) { run, object in
      PicksPair(
        truth: try EvaluateVectors.centres(run: run, object: object, user: query.truthUser, session: query.truthSession ?? ""),
        prediction: try EvaluateVectors.centres(run: run, object: object, user: query.predictionUser, session: query.predictionSession ?? ""))
    }

    #expect(try evaluation.metricsJSON(query) == vector.text("metrics.json"))
    #expect(try evaluation.averageMetricsYAML(query) == vector.text("average_metrics.yaml"))
    let printed =
      EvaluationText.opening(query, objects: objects, runs: runs) + EvaluationText.results(evaluation)
      + EvaluationText.saved(averageMetrics: "\(vector.name)/average_metrics.yaml", metrics: "\(vector.name)/metrics.json")
    #expect(try printed == vector.text("stdout.txt"))
  }
}
