import KernelTable
import TestSupport

/// How logits lie in memory.
private struct LogitLayout: Sendable {
  let name: String
  var mostClasses = 16
  /// Strides for rows of `count` voxels and `classes` classes, where voxel 0 lies, and how much memory that is.
  let strides: @Sendable (_ count: Int, _ classes: Int) -> (voxel: Int, classStep: Int, first: Int, size: Int)
}

private let layouts = [
  LogitLayout(name: "plain") { count, classes in (1, count + 3, 0, classes * (count + 3)) },
  LogitLayout(name: "plain, flipped") { count, classes in (-1, count + 3, count - 1, classes * (count + 3)) },
  LogitLayout(name: "plain, turned") { count, classes in (7, count * 7, 0, classes * count * 7) },
  LogitLayout(name: "plain, turned and flipped") { count, classes in (-7, count * 7, (count - 1) * 7, classes * count * 7) },
  LogitLayout(name: "blocks of 8", mostClasses: 8) { count, _ in (8, 1, 0, count * 8) },
  LogitLayout(name: "blocks of 8, flipped", mostClasses: 8) { count, _ in (-8, 1, (count - 1) * 8, count * 8) },
  LogitLayout(name: "blocks of 16") { count, _ in (16, 1, 0, count * 16) },
  LogitLayout(name: "blocks of 16, turned and flipped") { count, _ in (-80, 1, (count - 1) * 80, count * 80) },
]

/// Two roundings of numbers below 1; a row that is cut gives the same bits.
private func check(_ layout: LogitLayout, _ classes: Int, _ count: Int, weighted: Bool, _ kernels: KernelTable, _ report: Report) {
  var random = SplitMix64(seed: UInt64(count))
  let (voxel, classStep, first, size) = layout.strides(count, classes), x = GuardedFloats(size), row = count + 5
  for c in 0..<classes { for i in 0..<count { x[first + i * voxel + c * classStep] = random.float() } }
  let weights = GuardedFloats(count) { _ in random.float() }, sums = GuardedFloats(classes * row), cut = GuardedFloats(classes * row)
  for c in 0..<classes {
    for i in 0..<count {
      sums[c * row + i] = random.float()
      cut[c * row + i] = sums[c * row + i]
    }
  }
  let before = sums.values, addLogits = kernels.blend.addLogits
  addLogits(count, classes, x.floats + first, voxel, classStep, 0.7, weighted ? weights.floats : nil, sums.p, row, row)
  for c in 0..<classes {
    for i in 0..<count {
      let logit = Double(x[first + i * voxel + c * classStep]), weight = weighted ? Double(weights[i]) : 1
      report.expect(sums[c * row + i], Double(before[c * row + i]) + logit * weight * Double(Float(0.7)), within: 2e-7, "class \(c), voxel \(i)")
    }
    for i in count..<row { report.expect(sums.isUntouched(c * row + i), "class \(c): wrote beyond the row") }
  }
  report.expectIntact(sums)
  let part = count / 3
  addLogits(part, classes, x.floats + first, voxel, classStep, 0.7, weighted ? weights.floats : nil, cut.p, row, 0)
  addLogits(count - part, classes, x.floats + first + part * voxel, voxel, classStep, 0.7, weighted ? weights.floats + part : nil, cut.p + part, row, 0)
  report.expect(cut.bits == sums.bits, "cut at \(part): other bits")
}

private func checkAddLogits(_ layout: LogitLayout, _ kernels: KernelTable, _ report: Report) {
  for classes in [1, 3, 4, 8, 13, 16] where classes <= layout.mostClasses {
    for count in [1, 3, 4, 7, 8, 9, 16, 17, 33] {
      for weighted in [true, false] {
        report.place = "\(classes) classes, \(count) voxels" + (weighted ? ", weighted" : "")
        check(layout, classes, count, weighted: weighted, kernels, report)
      }
    }
  }
}

/// The lowest class of the highest value, NaN being the highest; above a threshold, label 0 where nothing is.
private func argmax(_ values: [Float], above threshold: Float?) -> UInt8 {
  var best = threshold ?? values[0], label = 0
  for c in values.indices where threshold != nil || c > 0 {
    if values[c] > best || values[c].isNaN && !best.isNaN {
      best = values[c]
      label = threshold == nil ? c : c + 1
    }
  }
  return UInt8(label)
}

/// Few values, so that many tie; some NaN and infinities.
private func checkLabels(_ classes: Int, _ kernels: KernelTable, _ report: Report) {
  let values: [Float] = [-2, -1, 0, 0.5, 1, 1, 2, .nan, .infinity, -.infinity]
  for count in [1, 3, 4, 7, 8, 9, 16, 17, 65] {
    var random = SplitMix64(seed: UInt64(count * classes))
    let row = count + 1, x = GuardedFloats(classes * row)
    for c in 0..<classes { for i in 0..<count { x[c * row + i] = values[random.below(i % 2 == 0 ? 7 : values.count)] } }
    for threshold in [nil, Float(0)] {
      report.place = "\(count) voxels" + (threshold == nil ? "" : " above 0")
      var labels = [UInt8](repeating: 254, count: count + 2)
      if let threshold {
        kernels.blend.argmaxAbove(count, classes, x.floats, row, threshold, &labels)
      } else {
        kernels.blend.argmax(count, classes, x.floats, row, &labels)
      }
      for i in 0..<count {
        let want = argmax((0..<classes).map { x[$0 * row + i] }, above: threshold)
        report.expect(labels[i] == want, "voxel \(i) is \(labels[i]), not \(want)")
      }
      report.expect(labels[count] == 254 && labels[count + 1] == 254, "wrote beyond the row")
    }
  }
}

private func checkDivide(_ kernels: KernelTable, _ report: Report) {
  let sums = GuardedFloats(40) { Float($0) }, counts = GuardedFloats(19) { Float($0 % 7 + 1) }
  kernels.blend.divide(19, 2, sums.p, 20, counts.floats)
  for i in 0..<40 { report.expect(sums[i], equals: i % 20 < 19 ? Float(i) / counts[i % 20] : Float(i), "float \(i)") }
}

extension KernelFamily {
  public static let blend = KernelFamily(
    "blend",
    layouts.map { layout in KernelCheck("logits added, " + layout.name) { checkAddLogits(layout, $0, $1) } }
      + [1, 2, 3, 8, 13, 255].map { classes in KernelCheck("labels of \(classes) classes") { checkLabels(classes, $0, $1) } }
      + [KernelCheck("sums divided", checkDivide)] + storedChecks)
}
