import Foundation
import Kernels
import TestSupport
import Testing

@testable import Octopi

@Suite("evaluate")
struct EvaluateTests {
  private func evaluate(
    _ objects: [EvaluatedObject], runs: [String] = ["r"], scale: Double = 0.8, beta: Int = 4, threads: Int = 1,
    _ picks: @Sendable (String, String) throws -> PicksPair
  ) throws -> Evaluation {
    try Evaluator(objects: objects, distanceThresholdScale: scale, beta: beta)
      .evaluate(runs: runs, pool: ThreadPool(threads: threads), picks: picks)
  }

  private let query = EvaluationQuery(
    configuration: "c.json", truthUser: "t", truthSession: nil, predictionUser: "p", predictionSession: nil, runs: nil)

  /// Means and deviations of lists of 1 to 513 values, as numpy 2.4 computes them (`numpy.mean`, `numpy.std`); equal bits.
  @Test func statisticsRoundAsNumPy() throws {
    struct List: Decodable { let values: [Double], mean: Double, std: Double }
    let lists = try JSONDecoder().decode([List].self, from: Data(TestData.bytes("numpy-statistics.json")))
    #expect(lists.count == 18)
    for list in lists {
      let (mean, deviation) = NumPySum.statistics(list.values)
      #expect(mean == list.mean && deviation == list.std, "\(list.values.count) values")
    }
    #expect(NumPySum.statistics([]).mean.isNaN && NumPySum.statistics([]).deviation.isNaN)
  }

  /// Missed completely, or nothing on either side: 0 in the score, not NaN and not left out.
  @Test func zeroOrNaN() throws {
    let two = [ParticleCentre(x: 100, y: 100, z: 100), ParticleCentre(x: 300, y: 300, z: 300)]
    let names = ["A", "B", "C"]
    let evaluation = try evaluate(try names.map { try EvaluatedObject(name: $0, radius: 60) }) { _, object in
      PicksPair(truth: object == "B" ? [] : two, prediction: object == "A" ? two : [])
    }
    #expect(evaluation.finalScore == .float(0.3333333333333333))
    let json = evaluation.metricsJSON(query)
    #expect(!json.contains("NaN"))
    let none: [PythonValue.Member] = [
      .init("precision", 0), .init("recall", 0), .init("fbeta_score", 0), .init("true_positives", 0), .init("false_positives", 0),
    ]
    #expect(evaluation.runs[0].scores[1].entries == none + [.init("false_negatives", 0)])
    #expect(evaluation.runs[0].scores[2].entries == none + [.init("false_negatives", 2)])
    #expect(evaluation.objects[2].summary.allSatisfy { $0.mean.isNaN && $0.deviation.isNaN })
    #expect(evaluation.averageMetricsYAML(query).contains("        accuracy:\n            mean: .nan\n            std: .nan\n"))
    #expect(EvaluationText.results(evaluation).contains("C: [Recall: nan ± nan, Precision: nan ± nan, "))

    let weightless = try evaluate([EvaluatedObject(name: "A", radius: 60, weight: 0)]) { _, _ in PicksPair(truth: two, prediction: two) }
    #expect(weightless.finalScore == .int(0))
    #expect(weightless.averageMetricsYAML(query).contains("final_fbeta_score: 0\n"))
    #expect(EvaluationText.results(weightless).hasSuffix("Final Kaggle Submission Score: 0.000\n"))
    #expect(try evaluate([]) { _, _ in PicksPair(truth: [], prediction: []) }.finalScore == .int(0))
  }

  /// Points on a lattice and thresholds that are distances between them, against all pairs.
  @Test(arguments: [0, 0.5, 1, 1.5, 2.5, 40], 0..<12)
  func matchesEqualAllPairs(threshold: Double, seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    func points(_ count: Int) -> [ParticleCentre] {
      (0..<count).map { _ in
        let c = (0..<3).map { Double(Int.random(in: 0..<(seed % 4 == $0 ? 120 : 9), using: &random)) * 5 + 0.1 }
        return ParticleCentre(x: c[0], y: c[1], z: c[2])
      }
    }
    let picks = PicksPair(truth: points(1 + seed * 3), prediction: points(30))
    func distance(_ a: ParticleCentre, _ b: ParticleCentre) -> Double {
      let dz = a.z / 10 - b.z / 10, dy = a.y / 10 - b.y / 10, dx = a.x / 10 - b.x / 10
      return (dz * dz + dy * dy + dx * dx).squareRoot()
    }
    func nearest(_ point: ParticleCentre, _ others: [ParticleCentre]) -> Double { others.map { distance(point, $0) }.min() ?? .nan }
    let hits = picks.prediction.count { nearest($0, picks.truth) < threshold }
    let missed = picks.truth.count { nearest($0, picks.prediction) >= threshold }
    let score = try ObjectScore(picks, beta: 4) { () throws(EvaluateError) in threshold }
    #expect(score.counts == MatchCounts(truePositives: hits, falsePositives: 30 - hits, falseNegatives: missed))
  }

  @Test func theThresholdItselfIsNoHit() throws {
    let object = try EvaluatedObject(name: "a", radius: 50)
    let evaluation = try evaluate([object]) { _, _ in
      PicksPair(truth: [.init(x: 0, y: 0, z: 0)], prediction: [.init(x: 40, y: 0, z: 0), .init(x: 0, y: -39.999, z: 0)])
    }
    #expect(evaluation.objects[0].counts == MatchCounts(truePositives: 1, falsePositives: 1, falseNegatives: 0))
  }

  /// Octopi keeps dictionaries: what is named twice is written once, and counted twice.
  @Test func namedTwice() throws {
    let object = try EvaluatedObject(name: "a", radius: 50)
    let here = [ParticleCentre(x: 0, y: 0, z: 0)], there = [ParticleCentre(x: 0, y: 0, z: 0), ParticleCentre(x: 900, y: 0, z: 0)]
    let picks: @Sendable (String, String) -> PicksPair = { run, _ in PicksPair(truth: here, prediction: run == "r" ? here : there) }
    let once = try evaluate([object], runs: ["r", "s"], picks), twice = try evaluate([object], runs: ["r", "s", "s"], picks)
    let thrice = try evaluate([object, object], runs: ["r", "s"], picks)
    #expect(twice.runs == once.runs && thrice.runs == once.runs)
    #expect(once.objects[0].counts == MatchCounts(truePositives: 2, falsePositives: 1, falseNegatives: 0))
    #expect(twice.objects[0].counts == MatchCounts(truePositives: 3, falsePositives: 2, falseNegatives: 0))
    #expect(thrice.objects.map(\.counts) == [MatchCounts(truePositives: 4, falsePositives: 2, falseNegatives: 0)])
    #expect(twice.objects[0].summary[0].mean == (1 + 0.5 + 0.5) / 3)
  }

  @Test func threadsDoNotMatter() throws {
    let objects = try (0..<5).map { try EvaluatedObject(name: "o\($0)", radius: 30, weight: .float(0.25)) }
    let picks: @Sendable (String, String) -> PicksPair = { run, object in
      var random = SplitMix64(seed: UInt64(run.utf8.reduce(7) { $0 * 31 + Int($1) } + object.utf8.reduce(0) { $0 + Int($1) }))
      func points() -> [ParticleCentre] {
        (0..<20).map { _ in
          ParticleCentre(
            x: Double.random(in: 0..<200, using: &random), y: Double.random(in: 0..<200, using: &random), z: Double.random(in: 0..<90, using: &random))
        }
      }
      return PicksPair(truth: points(), prediction: points())
    }
    let runs = (0..<40).map { "run\($0)" }
    let one = try evaluate(objects, runs: runs, picks)
    #expect(one.objects[0].counts.truePositives > 100)
    for threads in [2, 3] { #expect(try evaluate(objects, runs: runs, threads: threads, picks) == one) }
  }

  @Test func theFirstRunThatFailsIsNamed() throws {
    struct Unreadable: Error, Equatable { let run: String }
    let object = try EvaluatedObject(name: "a", radius: 1)
    #expect(throws: Unreadable(run: "c")) {
      try evaluate([object], runs: ["a", "b", "c", "d", "e"], threads: 3) { run, _ in
        if run >= "c" { throw Unreadable(run: run) }
        return PicksPair(truth: [], prediction: [])
      }
    }
  }

  @Test func refusals() throws {
    let point = [ParticleCentre(x: 0, y: 0, z: 0)]
    let noRadius = try EvaluatedObject(name: "a", radius: nil)
    #expect(throws: EvaluateError.radiusMissing(object: "a")) { try evaluate([noRadius]) { _, _ in PicksPair(truth: point, prediction: point) } }
    // As in octopi, the radius is not missed where there is nothing to measure.
    #expect(try evaluate([noRadius]) { _, _ in PicksPair(truth: point, prediction: []) }.objects[0].counts.falseNegatives == 1)
    for scale in [-0.1, .nan, .infinity] {
      #expect(throws: EvaluateError.self) { try Evaluator(objects: [], distanceThresholdScale: scale) }
    }
    for weight: PythonValue in ["2", .null, .bool(true), .float(.nan), []] {
      #expect(throws: EvaluateError.weightNotANumber(object: "a")) { try EvaluatedObject(name: "a", radius: 1, weight: weight) }
    }
    let available = [try EvaluatedObject(name: "a", radius: 1), try EvaluatedObject(name: "b", radius: 1)]
    let error = #expect(throws: EvaluateError.self) { try EvaluatedObjects(available: available, requested: ["x", "y"]) }
    #expect(error?.message == "no particle of the project is called 'x' or 'y'")
    #expect(error?.remedy == "its particles are 'a' and 'b'")
    #expect(error?.kind == .missing)
  }

  @Test func objectsInTheOrderAskedFor() throws {
    let available = try ["a", "b", "c"].map { try EvaluatedObject(name: $0, radius: 1) }
    let objects = try EvaluatedObjects(available: available, requested: ["c", "x", "a"])
    #expect(objects.selected.map(\.name) == ["c", "a"] && objects.unknown == ["x"])
    #expect(try EvaluatedObjects(available: available, requested: []).selected == available)
    #expect(try EvaluatedObjects(available: available, requested: nil).requested == nil)
  }

  /// Python's `str(["..."])`.
  @Test(arguments: [
    ("TS_1", "['TS_1']"), ("it's", #"["it's"]"#), (#"a"b"#, #"['a"b']"#), (#"a'"b"#, #"['a\'"b']"#), (#"a\b"#, #"['a\\b']"#),
    ("a\nb\tc\rd", #"['a\nb\tc\rd']"#), ("\u{0}\u{7F}\u{A0}", #"['\x00\x7f\xa0']"#), ("é日😀", "['é日😀']"), ("\u{2028}\u{E000}", #"['\u2028\ue000']"#),
    ("\u{1D173}", #"['\U0001d173']"#), ("", "['']"),
  ])
  func listsAsPythonPrintsThem(_ text: String, _ want: String) { #expect(pythonList([text]) == want) }
}
