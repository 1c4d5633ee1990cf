import Kernels

/// A preview before it is drawn: all classes, where the marks are, what is counted.
struct PreviewScene {
  struct Run {
    let source: PreviewRun
    let marks: [PickMark]
    /// Plane shown first.
    let best: Int
    let thickness: Int
    var shape: VolumeShape { source.volume.shape }
  }

  /// Those of the preview and those that only labels tell of.
  let classes: [PreviewClass]
  let colours: [RGB]
  /// Numbers in pictures of labels, class i as i + 1, by run and label.
  let classOfLabel: [[Int: UInt8]]
  let runs: [Run]
  let numbers: PreviewNumbers
  let warnings: [Warning]
  let options: PreviewOptions

  init(_ preview: Preview, on pool: ThreadPool) throws {
    options = preview.options
    var classes = preview.classes, numbered: [[Int: UInt8]] = [], voxels: [[[Int: Int]]] = []
    for run in preview.runs {
      let counts = try run.labels.map { try LabelPlanes.counts($0.volume, on: pool) } ?? []
      let labels = Set(counts.flatMap(\.keys)).sorted()
      numbered.append(PreviewScene.number(labels, run.labels?.names ?? [:], &classes))
      voxels.append(counts)
    }
    self.classes = classes
    classOfLabel = numbered
    colours = ClassPalette.colours(of: classes, usesSafe: options.usesSafePalette)
    warnings = ClassPalette.warnings(classes, colours)
    let matches = PreviewScene.matches(preview, classes)
    numbers = try PreviewScene.numbers(preview, classes, matches, voxels, numbered, on: pool)
    runs = try preview.runs.indices.map { index in
      let run = preview.runs[index]
      let marks = PreviewScene.marks(run, classes, matches[index])
      let best = run.plane ?? preview.options.plane ?? PreviewScene.best(run, marks, voxels[index], numbered[index], classes)
      guard (0..<run.volume.shape.z).contains(best) else {
        throw PreviewError.noPlane(best, run: run.name, planes: run.volume.shape.z)
      }
      return Run(source: run, marks: marks, best: best, thickness: preview.options.planesInSlab(run.spacing))
    }
  }

  /// Most classes a picture of labels can have; what is more shares the last.
  private static let mostClasses = 250

  /// The classes of labels that occur; those that no object has become classes of their own.
  private static func number(_ labels: [Int], _ names: [Int: String], _ classes: inout [PreviewClass]) -> [Int: UInt8] {
    var numbers: [Int: UInt8] = [:]
    for label in labels {
      var name = names[label] ?? "label \(label)"
      if classes.count >= mostClasses, !classes.contains(where: { isSameText($0.name, name) }) { name = "other labels" }
      let index = classes.firstIndex { isSameText($0.name, name) } ?? classes.count
      if index == classes.count { classes.append(PreviewClass(name: name, radius: nil, isParticle: false)) }
      numbers[label] = UInt8(clamping: index + 1)
    }
    return numbers
  }

  // MARK: Picks

  private static func matches(_ preview: Preview, _ classes: [PreviewClass]) -> [[ClassMatches]] {
    preview.runs.map { run in
      classes.map { shown in
        ClassMatches(
          run.predictions[shown.name] ?? [], truth: preview.options.truthName == nil ? nil : run.truths[shown.name], radius: shown.radius,
          scale: preview.options.distanceThresholdScale)
      }
    }
  }

  private static func marks(_ run: PreviewRun, _ classes: [PreviewClass], _ matches: [ClassMatches]) -> [PickMark] {
    let spacing = run.spacing.angstrom
    var marks: [PickMark] = []
    func add(_ index: Int, _ outcome: PickOutcome, isTruth: Bool, _ centre: ParticleCentre, _ score: Double?, _ distance: Double?) {
      marks.append(
        PickMark(
          classIndex: index, outcome: outcome, isTruth: isTruth, x: centre.x / spacing, y: centre.y / spacing, z: centre.z / spacing,
          radius: classes[index].radius.map { $0 / spacing }, score: score, distance: distance))
    }
    for (index, shown) in classes.enumerated() {
      let match = matches[index]
      for (number, pick) in (run.predictions[shown.name] ?? []).enumerated() {
        add(index, match.outcome(prediction: number), isTruth: false, pick.centre, pick.score, match.ofPredictions[number]?.distance)
      }
      guard !match.ofTruths.isEmpty else { continue }
      for (number, centre) in (run.truths[shown.name] ?? []).enumerated() {
        add(index, match.outcome(truth: number), isTruth: true, centre, nil, match.ofTruths[number]?.distance)
      }
    }
    return marks
  }

  /// The plane with most predictions within half of their radius; without any, with most voxels of particles; else the middle one. Of several
  /// the nearest to the middle, then the lower.
  private static func best(
    _ run: PreviewRun, _ marks: [PickMark], _ voxels: [[Int: Int]], _ numbers: [Int: UInt8], _ classes: [PreviewClass]
  ) -> Int {
    let planes = run.volume.shape.z
    var counts = [Int](repeating: 0, count: planes)
    for mark in marks where !mark.isTruth {
      let reach = (mark.radius ?? PickMark.unknownRadius) / 2, low = (mark.z - reach).rounded(.up), high = (mark.z + reach).rounded(.down)
      guard low <= high, high >= 0, low < Double(planes) else { continue }
      for plane in Int(max(0, low))...Int(min(Double(planes - 1), high)) { counts[plane] += 1 }
    }
    if counts.allSatisfy({ $0 == 0 }), let labels = run.labels {
      for plane in counts.indices {
        let source = LabelPlanes.nearest(plane, run.spacing, labels.spacing)
        guard source < voxels.count else { continue }
        counts[plane] = voxels[source].reduce(0) { sum, entry in
          let index = Int(numbers[entry.key] ?? 0) - 1
          return index >= 0 && classes[index].isParticle ? sum + entry.value : sum
        }
      }
    }
    guard let most = counts.max(), most > 0 else { return planes / 2 }
    let candidates = counts.indices.filter { counts[$0] == most }
    return candidates.min { (abs(2 * $0 - planes + 1), $0) < (abs(2 * $1 - planes + 1), $1) } ?? planes / 2
  }

  // MARK: Numbers

  private static func numbers(
    _ preview: Preview, _ classes: [PreviewClass], _ matches: [[ClassMatches]], _ voxels: [[[Int: Int]]], _ numbered: [[Int: UInt8]],
    on pool: ThreadPool
  ) throws -> PreviewNumbers {
    let evaluation = try evaluation(preview, on: pool)
    var runs: [[ClassNumbers]] = [], overlaps: [[ClassOverlap]] = []
    for (number, run) in preview.runs.enumerated() {
      runs.append(
        classes.enumerated().map { index, shown in
          var numbers = self.numbers(run, shown, matches[number][index])
          let place = evaluation?.objects.firstIndex { $0.object.name == shown.name }
          if let evaluation, let place { numbers.score = evaluation.runs[number].scores[place] }
          numbers.labelVolume = run.labels.map { labels in
            let mine = numbered[number].filter { Int($0.value) == index + 1 }.keys
            let count = voxels[number].reduce(0) { sum, plane in mine.reduce(sum) { $0 + (plane[$1] ?? 0) } }
            let edge = labels.spacing.angstrom / 10
            return Double(count) * (edge * edge * edge)
          }
          return numbers
        })
      overlaps.append(self.overlaps(run, classes))
    }
    var sums = classes.map { _ in ClassNumbers() }
    for run in runs { for index in sums.indices { sums[index].add(run[index]) } }
    let counts = evaluation.map { evaluation in
      evaluation.runs.map { run in run.scores.reduce(into: MatchCounts()) { $0.add($1.counts) } }
    }
    return PreviewNumbers(runs: runs, overlaps: overlaps, sums: sums, counts: counts, evaluation: evaluation)
  }

  /// What `octopi evaluate` counts; nil without truth.
  private static func evaluation(_ preview: Preview, on pool: ThreadPool) throws -> Evaluation? {
    guard preview.options.truthName != nil else { return nil }
    let objects = try preview.classes.filter { $0.isParticle && $0.radius != nil }.map { shown throws(EvaluateError) in
      try EvaluatedObject(name: shown.name, radius: shown.radius)
    }
    let evaluator = try Evaluator(
      objects: objects, distanceThresholdScale: preview.options.distanceThresholdScale, beta: preview.options.beta)
    let runs = preview.runs
    // Files of the same name are different runs here.
    return try evaluator.evaluate(runs: runs.indices.map(String.init), pool: pool) { run, object in
      guard let index = Int(run), runs.indices.contains(index) else { return PicksPair(truth: [], prediction: []) }
      return PicksPair(truth: runs[index].truths[object] ?? [], prediction: (runs[index].predictions[object] ?? []).map(\.centre))
    }
  }

  private static func numbers(_ run: PreviewRun, _ shown: PreviewClass, _ match: ClassMatches) -> ClassNumbers {
    let picks = run.predictions[shown.name] ?? [], centres = picks.map(\.centre), points = NearestPoints(centres)
    let shape = run.volume.shape, edge = run.spacing.angstrom / 1e4
    var numbers = ClassNumbers()
    numbers.predicted = picks.count
    numbers.truth = match.ofTruths.count
    numbers.doubles = match.doubles
    numbers.hitDistances = match.hitDistances
    numbers.neighbours = centres.indices.compactMap { points.nearest(to: centres[$0], excluding: $0)?.distance }.sorted()
    numbers.scores = picks.compactMap(\.score)
    numbers.boxVolume = Double(shape.x) * Double(shape.y) * Double(shape.z) * (edge * edge * edge)
    numbers.outside = centres.count { centre in
      zip([centre.x, centre.y, centre.z], [shape.x, shape.y, shape.z]).contains {
        $0 / run.spacing.angstrom < -0.5 || $0 / run.spacing.angstrom > Double($1) - 0.5
      }
    }
    return numbers
  }

  private static func overlaps(_ run: PreviewRun, _ classes: [PreviewClass]) -> [ClassOverlap] {
    let points = classes.map { NearestPoints((run.predictions[$0.name] ?? []).map(\.centre)) }
    var overlaps: [ClassOverlap] = []
    for first in classes.indices {
      for second in classes.indices where second > first {
        guard let a = classes[first].radius, let b = classes[second].radius else { continue }
        let picks = run.predictions[classes[first].name] ?? []
        let pairs = picks.reduce(0) { $0 + points[second].count(near: $1.centre, below: min(a, b) / 10) }
        if pairs > 0 { overlaps.append(ClassOverlap(first: first, second: second, pairs: pairs)) }
      }
    }
    return overlaps
  }
}

extension PreviewScene {
  /// The numbers of a class over all runs, as `octopi evaluate` scores it; nil where it does not.
  func summedScore(_ index: Int) -> [PythonValue.Member]? {
    guard let result = numbers.evaluation?.objects.first(where: { $0.object.name == classes[index].name }) else { return nil }
    return PreviewScene.members(result.counts, beta: options.beta)
  }

  static func members(_ counts: MatchCounts, beta: Int) -> [PythonValue.Member] { ObjectScore.measured(counts, beta: beta).entries }

  /// Distance in nanometres below which picks of a class match.
  func threshold(_ index: Int) -> Double? { classes[index].radius.map { $0 / 10 * options.distanceThresholdScale } }

  /// All numbers as JSON: what `--json` prints, and what the page shows.
  var document: PythonValue {
    let hasTruth = options.truthName != nil
    func objects(_ all: [ClassNumbers], _ score: (Int) -> [PythonValue.Member]?) -> PythonValue {
      .array(all.enumerated().map { $0.element.document(classes[$0.offset], threshold: hasTruth ? threshold($0.offset) : nil, score: score($0.offset)) })
    }
    return [
      "picks": .optional(options.predictionName), "truth": .optional(options.truthName),
      "distance_threshold_scale": .float(options.distanceThresholdScale), "beta": .int(options.beta),
      "runs": .array(
        runs.enumerated().map { number, run in
          [
            "run": .string(run.source.name), "tomogram": .string(run.source.tomogram), "shape": .array(run.shape.axes.map(PythonValue.int)),
            "voxel_spacing": .float(run.source.spacing.angstrom), "plane": .int(run.best),
            "all": numbers.counts.map { .object(PreviewScene.members($0[number], beta: options.beta)) } ?? .null,
            "objects": objects(numbers.runs[number]) { numbers.runs[number][$0].score?.entries },
            "overlaps": .array(
              numbers.overlaps[number].map {
                ["objects": [.string(classes[$0.first].name), .string(classes[$0.second].name)], "pairs": .int($0.pairs)]
              }),
          ]
        }), "sums": objects(numbers.sums) { summedScore($0) },
    ]
  }
}
