import Kernels

/// Count, mean and sum of squared deviations of some values, in double precision. Merging is Chan's update, so that means thousands of
/// deviations away from zero lose nothing (Chan, Golub, LeVeque 1983).
struct Moments: BitwiseCopyable, Sendable {
  private(set) var count = 0, mean = 0.0, squares = 0.0

  init() {}

  /// Two passes over a row of voxels: exact for constant rows. The mean is not finite if a voxel is not.
  init<Element: StoredVoxel>(_ row: RawSpan, of element: Element.Type) {
    count = row.byteCount / MemoryLayout<Element>.size
    guard count > 0 else { return }
    let mean = Moments.sum(row, element) { $0 } / Double(count)
    self.mean = mean
    squares = Moments.sum(row, element) { ($0 - mean) * ($0 - mean) }
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
  private static func sum<Element: StoredVoxel>(_ row: RawSpan, _ element: Element.Type, _ value: (SIMD8<Double>) -> SIMD8<Double>) -> Double {
    let count = row.byteCount / MemoryLayout<Element>.size, whole = count - count % 8
    var sums = SIMD8<Double>(repeating: 0)
    for start in stride(from: 0, to: whole, by: 8) {
      var voxels = SIMD8<Double>()
      for lane in 0..<8 { voxels[lane] = Double(row.voxel(unchecked: start + lane, element)) }
      sums += value(voxels)
    }
    for i in whole..<count { sums[i - whole] += value(SIMD8(repeating: Double(row.voxel(unchecked: i, element))))[0] }
    let four = sums.lowHalf + sums.highHalf, two = four.lowHalf + four.highHalf
    return two[0] + two[1]
  }
}

extension ThreadPool {
  /// Works over `rows` rows of `length` elements, in tasks that are worth a thread's waking up.
  func runRows(_ rows: Int, length: Int, _ body: (Range<Int>) -> Void) {
    let perTask = max(1, 1 << 15 / max(1, length))
    run((rows + perTask - 1) / perTask) { task, _ in body(task * perTask..<min(rows, (task + 1) * perTask)) }
  }
}
