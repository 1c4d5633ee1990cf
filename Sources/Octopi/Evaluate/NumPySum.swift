/// Sums and means with the roundings of numpy 2.
enum NumPySum {
  /// The sum in numpy's order: up to 7 values from left to right; up to 128 in eight interleaved sums, then the rest one by one; more by
  /// halves. Source: numpy 2.4, `loops_utils.h.src: pairwise_sum`.
  static func sum(_ values: ArraySlice<Double>) -> Double {
    let count = values.count, start = values.startIndex
    if count < 8 { return values.reduce(0, +) }
    if count <= 128 {
      var r = Array(values[start..<start + 8])
      let whole = count - count % 8
      for i in 8..<max(8, whole) { r[i % 8] += values[start + i] }
      let sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]))
      return values[(start + whole)...].reduce(sum, +)
    }
    let half = count / 2 - count / 2 % 8
    return sum(values[..<(start + half)]) + sum(values[(start + half)...])
  }

  /// Mean and standard deviation of the population; both NaN without values.
  static func statistics(_ values: [Double]) -> (mean: Double, deviation: Double) {
    let count = Double(values.count)
    let mean = sum(values[...]) / count
    let squares = values.map { ($0 - mean) * ($0 - mean) }
    return (mean, (sum(squares[...]) / count).squareRoot())
  }
}
