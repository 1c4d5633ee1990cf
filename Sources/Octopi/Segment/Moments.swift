import Kernels

/// Count, mean and sum of squared deviations of some values, in double precision. Merging is Chan's update, so that means thousands of
/// deviations away from zero lose nothing (Chan, Golub, LeVeque 1983).
struct Moments: BitwiseCopyable, Sendable {
  private(set) var count = 0, mean = 0.0, squares = 0.0

  init() {}

  /// Two passes over a row: exact for constant rows. The mean is not finite if a value is not.
  init<Element: StoredVoxel>(_ row: Span<Element>) {
    count = row.count
    guard count > 0 else { return }
    mean = Moments.sum(row) { Double($0) } / Double(count)
    let mean = mean
    squares = Moments.sum(row) { (Double($0) - mean) * (Double($0) - mean) }
  }

  mutating func merge(_ other: Moments) {
    guard other.count > 0 else { return }
    let total = Double(count + other.count), delta = other.mean - mean
    squares += other.squares + delta * delta * (Double(count) * Double(other.count) / total)
    mean += delta * (Double(other.count) / total)
    count += other.count
  }

  /// Population standard deviation.
  var deviation: Double { count > 0 ? (squares / Double(count)).squareRoot() : 0 }

  /// Eight running sums, joined in a fixed order.
  @inline(__always)
  private static func sum<Element: StoredVoxel>(_ row: Span<Element>, _ value: (Float) -> Double) -> Double {
    var sums = SIMD8<Double>(repeating: 0)
    let whole = row.count - row.count % 8
    for start in stride(from: 0, to: whole, by: 8) {
      for lane in 0..<8 { sums[lane] += value(row[unchecked: start + lane].float) }
    }
    for i in whole..<row.count { sums[i - whole] += value(row[unchecked: i].float) }
    let four = sums.lowHalf + sums.highHalf, two = four.lowHalf + four.highHalf
    return two[0] + two[1]
  }

  /// Moments of every row of `length` voxels.
  static func rows<Element: StoredVoxel>(of voxels: Span<Element>, length: Int, on pool: ThreadPool) -> [Moments] {
    let moments = SharedBuffer(repeating: Moments(), count: voxels.count / max(1, length))
    pool.runRows(moments.count, length: length) { rows in
      moments.write(rows) { out in
        for row in rows { out[row - rows.lowerBound] = Moments(voxels.extracting(row * length..<(row + 1) * length)) }
      }
    }
    return moments.read(0..<moments.count) { all in all.indices.map { all[$0] } }
  }
}

extension ThreadPool {
  /// Works over `rows` rows of `length` elements, in tasks that are worth a thread's waking up.
  func runRows(_ rows: Int, length: Int, _ body: (Range<Int>) -> Void) {
    let perTask = max(1, 1 << 15 / max(1, length))
    run((rows + perTask - 1) / perTask) { task, _ in body(task * perTask..<min(rows, (task + 1) * perTask)) }
  }
}
