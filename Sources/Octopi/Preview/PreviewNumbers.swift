/// What a preview counts for one class in one run, or in all of them.
struct ClassNumbers: Sendable {
  var predicted = 0
  var truth = 0
  /// As `octopi evaluate` scores; nil without truth, or for a class that it does not score.
  var score: ObjectScore?
  var doubles = 0
  /// Distance of hits to truth in nanometres, ascending.
  var hitDistances: [Double] = []
  /// Distance to the nearest pick of the class in nanometres, ascending.
  var neighbours: [Double] = []
  var scores: [Double] = []
  /// Predictions outside of the box.
  var outside = 0
  /// In cubic nanometres; nil without labels.
  var labelVolume: Double?
  /// Of the tomogram, in cubic micrometres.
  var boxVolume = 0.0

  mutating func add(_ other: ClassNumbers) {
    predicted += other.predicted
    truth += other.truth
    doubles += other.doubles
    hitDistances = (hitDistances + other.hitDistances).sorted()
    neighbours = (neighbours + other.neighbours).sorted()
    scores += other.scores
    outside += other.outside
    boxVolume += other.boxVolume
    if let volume = other.labelVolume { labelVolume = (labelVolume ?? 0) + volume }
  }

  /// Picks per cubic micrometre of the whole box, three digits.
  var density: Double { boxVolume > 0 ? ClassNumbers.threeDigits(Double(predicted) / boxVolume) : 0 }

  /// Neighbours nearer than the radius: perhaps one particle.
  func tooNear(_ radius: Double?) -> Int { radius.map { radius in neighbours.count { $0 < radius / 10 } } ?? 0 }

  static let bins = 24

  /// Distances to neighbours in 24 bins from 0 to 4 radii, the last open; nil without a radius.
  func neighbourHistogram(_ radius: Double?) -> [Int]? {
    guard let radius, !neighbours.isEmpty else { return nil }
    return ClassNumbers.histogram(neighbours, from: 0, width: 4 * radius / 10 / Double(ClassNumbers.bins), isOpen: true)
  }

  /// Scores in 24 bins from the lowest to the highest; nil where all are the same.
  var scoreHistogram: (low: Double, high: Double, bins: [Int])? {
    guard let low = scores.min(), let high = scores.max(), low < high else { return nil }
    return (low, high, ClassNumbers.histogram(scores, from: low, width: (high - low) / Double(ClassNumbers.bins), isOpen: true))
  }

  private static func histogram(_ values: [Double], from low: Double, width: Double, isOpen: Bool) -> [Int] {
    var bins = [Int](repeating: 0, count: Self.bins)
    for value in values {
      let place = (value - low) / width
      bins[place.isFinite && place > 0 ? min(bins.count - 1, Int(min(place, 1e6))) : 0] += 1
    }
    return bins
  }

  static func median(_ ascending: [Double]) -> Double? {
    guard !ascending.isEmpty else { return nil }
    let middle = ascending.count / 2
    return ascending.count % 2 == 1 ? ascending[middle] : (ascending[middle - 1] + ascending[middle]) / 2
  }

  /// Rounded to three digits.
  static func threeDigits(_ value: Double) -> Double {
    guard value.isFinite, value > 0 else { return 0 }
    var scale = 1.0, scaled = value
    while scaled >= 1000 { (scale, scaled) = (scale * 10, value / (scale * 10)) }
    while scaled < 100 {
      scale /= 10
      scaled = value / scale
    }
    let rounded = scaled.rounded()
    return scale >= 1 ? rounded * scale : rounded / (1 / scale).rounded()
  }
}

/// Pairs of picks of two classes that are nearer than the smaller radius.
struct ClassOverlap: Sendable, Hashable {
  let first: Int, second: Int
  var pairs: Int
}

/// All numbers of a preview.
struct PreviewNumbers: Sendable {
  /// By run, then by class.
  let runs: [[ClassNumbers]]
  let overlaps: [[ClassOverlap]]
  /// By class, over all runs.
  let sums: [ClassNumbers]
  /// Hits and errors of all classes together, by run; nil without truth.
  let counts: [MatchCounts]?
  let evaluation: Evaluation?
}

extension ClassNumbers {
  /// As JSON. What evaluation counts has the names and values of `metrics.json`.
  func document(_ shown: PreviewClass, threshold: Double?, score: [PythonValue.Member]?) -> PythonValue {
    func number(_ value: Double?) -> PythonValue { value.map(PythonValue.float) ?? .null }
    var members: [PythonValue.Member] = [
      .init("object", .string(shown.name)), .init("predicted", .int(predicted)), .init("true", .int(truth)),
      .init("outside_box", .int(outside)), .init("radius_nm", number(shown.radius.map { $0 / 10 })), .init("threshold_nm", number(threshold)),
    ]
    if let score {
      members += score
      members += [.init("doubles", .int(doubles)), .init("median_hit_distance_nm", number(ClassNumbers.median(hitDistances)))]
    }
    let histogram = neighbourHistogram(shown.radius)
    members += [
      .init("density_per_um3", .float(density)),
      .init(
        "nearest_neighbour",
        neighbours.isEmpty
          ? .null
          : [
            "min_nm": number(neighbours.first), "median_nm": number(ClassNumbers.median(neighbours)),
            "below_radius": .int(tooNear(shown.radius)), "histogram": histogram.map { .array($0.map(PythonValue.int)) } ?? .null,
          ]),
      .init("label_volume_nm3", number(labelVolume)),
      .init(
        "scores",
        scoreHistogram.map { ["low": .float($0.low), "high": .float($0.high), "histogram": .array($0.bins.map(PythonValue.int))] } ?? .null),
    ]
    return .object(members)
  }
}
