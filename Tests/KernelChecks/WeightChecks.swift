import KernelTable
import TestSupport

/// `G w` along an axis: a row a point p of `points`, `pⁱ / product of (p - q) over the other points q`, and the last tap for infinity.
private func pointValues(_ points: [Double], _ taps: [Double]) -> [Double] {
  var result: [Double] = []
  for p in points {
    var scale = 1.0, value = 0.0, power = 1.0
    for q in points where q != p { scale *= p - q }
    for tap in taps {
      value += tap * power
      power *= p
    }
    result.append(value / scale)
  }
  return result + [taps[taps.count - 1]]
}

/// A cube of taps transformed along all axes: `axis` maps a line of three taps along axis 0 (z), 1 or 2 to its points.
private func transformedCube(_ taps: [Double], _ axis: (_ along: Int, [Double]) -> [Double]) -> [Double] {
  var cube = taps, size = [3, 3, 3]
  for along in 0..<3 {
    let inner = size[(along + 1)...].reduce(1, *), outer = size[..<along].reduce(1, *)
    let lines = (0..<outer * inner).map { number in axis(along, (0..<3).map { cube[(number / inner * 3 + $0) * inner + number % inner] }) }
    let count = lines[0].count
    var next = [Double](repeating: 0, count: outer * count * inner)
    for o in 0..<outer {
      for i in 0..<inner {
        let line = lines[o * inner + i]
        for p in 0..<count { next[(o * count + p) * inner + i] = line[p] }
      }
    }
    cube = next
    size[along] = count
  }
  return cube
}

/// Beside infinity, of an axis with so many outputs.
private func winogradPoints(_ outputs: Int) -> [Double] {
  switch outputs {
  case 2: [0, 1, -1]
  case 4: [0, 0.625, -0.625, 1.5, -1.5]
  default: [0, 0.5, -0.5, 1, -1, 2, -2]
  }
}

/// One rounding, of a sum of terms up to a few times as large.
func checkWinogradWeights(_ form: TileForm, _ kernels: KernelTable, _ report: Report) {
  let points = form.points
  for isMirrored in [false, true] {
    var random = SplitMix64(seed: 3)
    let parameters = ConvolutionParameters(inputs: 3, outputs: 16, taps: 27, &random), u = GuardedFloats(points * 64), scratch = GuardedFloats(2304)
    var row = WinogradWeightRow(weights: parameters.weights.floats, u: u.p, scratch: scratch.p)
    (row.form, row.tapStride, row.channels, row.isMirrored, row.pointStride) = (form, parameters.tapStride, 3, isMirrored, 64)
    kernels.convolution.winogradWeights(&row)
    for channel in 0..<3 {
      for o in 0..<16 {
        let taps = (0..<27).map { Double(parameters.weights[parameters.at(o, isMirrored ? 26 - $0 : $0, channel)]) }
        let want = transformedCube(taps) { along, line in pointValues(winogradPoints(along == 2 ? form.row : form.plane), line) }
        for p in 0..<points {
          report.expect(u[p * 64 + channel * 16 + o], want[p], within: 6e-8 * abs(want[p]) + 1e-14, "point \(p), channel \(channel), output \(o)")
        }
      }
    }
    for p in 0..<points { for i in 48..<64 { report.expect(u.isUntouched(p * 64 + i), "point \(p): wrote beyond its channels") } }
    report.expectIntact(u)
    report.expectIntact(scratch, "scratch")
  }
}

/// As above: points of the phase with two taps, then the one with one tap. All points but infinity have the factor of ±5/4. Every third number
/// goes to a second place too.
func checkTwoTapWeights(_ kernels: KernelTable, _ report: Report) {
  let numbers = 216, places = (0..<numbers).map { $0 % 3 == 0 ? [$0, numbers + $0 / 3] : [$0] }, all = numbers + numbers / 3
  let starts = Integers(places.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }), offsets = Integers(places.flatMap { $0.map { $0 * 48 } })
  let scale = 1 / (2.5 * (25.0 / 16 - 1.0 / 4))
  for (isTransposed, width) in [(false, 16), (true, 16), (true, 8)] {
    var random = SplitMix64(seed: 4)
    let parameters = ConvolutionParameters(inputs: 3, outputs: width, taps: 27, &random), u = GuardedFloats(all * 48), scratch = GuardedFloats(2304)
    var row = TwoTapWeightRow(weights: parameters.weights.floats, u: u.p, starts: starts.p, offsets: offsets.p, scratch: scratch.p)
    (row.tapStride, row.channels, row.isTransposed, row.width) = (parameters.tapStride, 3, isTransposed, width)
    kernels.convolution.twoTapWeights(&row)
    for channel in 0..<3 {
      for o in 0..<width {
        let taps = (0..<27).map { Double(parameters.weights[parameters.at(o, $0, channel)]) }
        let want = transformedCube(taps) { _, taps in
          let (first, second) = isTransposed ? (taps[2], taps[0]) : (taps[0], taps[2])
          return [0.5, -0.5, 1.25, -1.25].map { (first + $0 * second) * scale } + [second, taps[1] * scale]
        }
        for p in 0..<numbers {
          for place in places[p] {
            report.expect(u[place * 48 + channel * 16 + o], want[p], within: 6e-8 * abs(want[p]) + 1e-14, "number \(p), channel \(channel), output \(o)")
          }
        }
      }
    }
    if width == 8 { for i in 0..<all * 48 where i % 16 >= 8 { report.expect(u.isUntouched(i), "wrote beyond eight outputs") } }
    report.expectIntact(u)
    report.expectIntact(scratch, "scratch")
  }
}
