import Foundation
import Kernels
import TestSupport
import Testing

@Suite("addLogits")
struct AddLogitsTests {
  struct Layout: Sendable, CustomTestStringConvertible {
    let name: String
    /// Strides for rows of `count` voxels and `classes` classes, and where voxel 0 lies.
    let strides: @Sendable (_ count: Int, _ classes: Int) -> (voxel: Int, classStep: Int, first: Int, size: Int)
    var testDescription: String { name }
  }

  static let layouts = [
    Layout(name: "plain") { count, classes in (1, count + 3, 0, classes * (count + 3)) },
    Layout(name: "plain, flipped") { count, classes in (-1, count + 3, count - 1, classes * (count + 3)) },
    Layout(name: "plain, turned") { count, classes in (7, count * 7, 0, classes * count * 7) },
    Layout(name: "plain, turned and flipped") { count, classes in (-7, count * 7, (count - 1) * 7, classes * count * 7) },
    Layout(name: "blocks of 8") { count, _ in (8, 1, 0, count * 8) },
    Layout(name: "blocks of 8, flipped") { count, _ in (-8, 1, (count - 1) * 8, count * 8) },
    Layout(name: "blocks of 16") { count, _ in (16, 1, 0, count * 16) },
    Layout(name: "blocks of 16, turned and flipped") { count, _ in (-80, 1, (count - 1) * 80, count * 80) },
  ]

  /// Two roundings of numbers below 1.
  @Test(arguments: ISA.available, layouts)
  func equalsDoubleLoop(isa: ISA, layout: Layout) {
    for classes in [1, 3, 4, 8, 13, 16] where !(layout.name.contains("of 8") && classes > 8) {
      for count in [1, 3, 4, 7, 8, 9, 16, 17, 33] {
        for weighted in [true, false] {
          var random = SplitMix64(seed: UInt64(count))
          let (voxel, classStep, first, size) = layout.strides(count, classes), x = GuardedFloats(size), row = count + 5
          for c in 0..<classes { for i in 0..<count { x[first + i * voxel + c * classStep] = random.float() } }
          let weights = GuardedFloats((0..<count).map { _ in random.float() }), sums = GuardedFloats(classes * row),
            cut = GuardedFloats(classes * row)
          for c in 0..<classes {
            for i in 0..<count {
              sums[c * row + i] = random.float()
              cut[c * row + i] = sums[c * row + i]
            }
          }
          let before = sums.values, kernel = isa.table.blend.addLogits
          kernel(count, classes, x.floats + first, voxel, classStep, 0.7, weighted ? weights.floats : nil, sums.p, row)
          for c in 0..<classes {
            for i in 0..<count {
              let logit = Double(x[first + i * voxel + c * classStep]), weight = weighted ? Double(weights[i]) : 1
              let want = Double(before[c * row + i]) + logit * weight * Double(Float(0.7))
              if !(abs(Double(sums[c * row + i]) - want) <= 2e-7) {
                Issue.record("\(classes) x \(count), class \(c), voxel \(i): \(sums[c * row + i]), not \(want)")
              }
            }
            for i in count..<row { #expect(sums.isUntouched(c * row + i)) }
          }
          #expect(sums.marginIsIntact)
          let part = count / 3
          kernel(part, classes, x.floats + first, voxel, classStep, 0.7, weighted ? weights.floats : nil, cut.p, row)
          kernel(
            count - part, classes, x.floats + first + part * voxel, voxel, classStep, 0.7, weighted ? weights.floats + part : nil, cut.p + part, row)
          #expect(cut.bits == sums.bits)
        }
      }
    }
  }
}

@Suite("labels")
struct LabelTests {
  private func argmax(_ values: [Float], above threshold: Float?) -> UInt8 {
    var best = threshold ?? values[0], label = 0
    for (c, value) in values.enumerated() where threshold != nil || c > 0 {
      if value > best || value.isNaN && !best.isNaN {
        best = value
        label = threshold == nil ? c : c + 1
      }
    }
    return UInt8(label)
  }

  @Test(arguments: ISA.available, [1, 2, 3, 8, 13, 255])
  func lowestOfTheHighest(isa: ISA, classes: Int) {
    for count in [1, 3, 4, 7, 8, 9, 16, 17, 65] {
      var random = SplitMix64(seed: UInt64(count * classes))
      let row = count + 1, x = GuardedFloats(classes * row)
      // Few values, so that many tie; some NaN and infinities.
      let values: [Float] = [-2, -1, 0, 0.5, 1, 1, 2, .nan, .infinity, -.infinity]
      for c in 0..<classes { for i in 0..<count { x[c * row + i] = values[Int(random.next() % UInt64(i % 2 == 0 ? 7 : values.count))] } }
      for threshold in [nil, Float(0)] {
        var labels = [UInt8](repeating: 254, count: count + 2)
        labels.withUnsafeMutableBufferPointer { labels in
          guard let p = labels.baseAddress else { return }
          if let threshold {
            isa.table.blend.argmaxAbove(count, classes, x.floats, row, threshold, p)
          } else {
            isa.table.blend.argmax(count, classes, x.floats, row, p)
          }
        }
        for i in 0..<count {
          let voxel = (0..<classes).map { x[$0 * row + i] }
          #expect(labels[i] == argmax(voxel, above: threshold), "voxel \(i) of \(count), \(classes) classes, above \(String(describing: threshold))")
        }
        #expect(labels[count...] == [254, 254])
      }
    }
  }

  @Test(arguments: ISA.available)
  func divides(isa: ISA) {
    let sums = GuardedFloats((0..<40).map(Float.init)), counts = GuardedFloats((0..<19).map { Float($0 % 7 + 1) })
    isa.table.blend.divide(19, 2, sums.p, 20, counts.floats)
    for i in 0..<40 {
      let want = i % 20 < 19 ? Float(i) / counts[i % 20] : Float(i)
      #expect(sums[i] == want)
    }
  }
}

@Suite("normalizeStored")
struct NormalizeStoredTests {
  /// Bytes of `count` numbers of a type, and what they are as floats.
  private func numbers(_ element: StoredElement, _ count: Int) -> (bytes: [UInt8], floats: [Float]) {
    var random = SplitMix64(seed: 4)
    func make<T>(_ values: [T], _ float: (T) -> Float) -> ([UInt8], [Float]) { (values.withUnsafeBytes { Array($0) }, values.map(float)) }
    func integers<T: FixedWidthInteger>(_: T.Type) -> ([UInt8], [Float]) {
      make([T.min, T.max, 0, 1] + (0..<count).map { _ in T(truncatingIfNeeded: random.next()) }) { Float($0) }
    }
    switch element {
    case .int8: return integers(Int8.self)
    case .uint8: return integers(UInt8.self)
    case .int16: return integers(Int16.self)
    case .uint16: return integers(UInt16.self)
    case .int32: return integers(Int32.self)
    case .uint32: return integers(UInt32.self)
    case .int64: return integers(Int64.self)
    case .uint64: return integers(UInt64.self)
    case .float32: return make((0..<count).map { _ in random.float(100) }) { $0 }
    case .float64: return make([1e300, 0.1, -1e-300] + (0..<count).map { _ in Double(random.float(100)) / 3 }) { Float($0) }
    case .float16: return make((0...UInt16.max).map { $0 }, half)
    }
  }

  /// IEEE 754 half precision by its definition.
  private func half(_ bits: UInt16) -> Float {
    let exponent = Int(bits >> 10 & 31), fraction = Double(bits & 1023), sign = bits >> 15 == 1 ? -1.0 : 1.0
    if exponent == 31 { return fraction == 0 ? Float(sign * .infinity) : .nan }
    return Float(sign * (exponent == 0 ? fraction / 1024 * pow(2, -14) : (1 + fraction / 1024) * pow(2, Double(exponent - 15))))
  }

  @Test(arguments: ISA.available, StoredElement.allCases)
  func equalsScalarCode(isa: ISA, element: StoredElement) {
    let (bytes, floats) = numbers(element, 61), kernel = isa.table.blend.normalizeStored(element), mean: Float = 3.7, deviation: Float = 1.9
    let count = floats.count
    #expect(bytes.count == count * element.bytes)
    // One byte off: files give no alignment.
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes.count + 1, alignment: 8)
    defer { memory.deallocate() }
    (memory + 1).copyMemory(from: bytes, byteCount: bytes.count)
    for (xStep, yStep) in [(1, 1), (-1, 1), (1, -1), (1, 3), (2, 1)] {
      let results = xStep == 2 ? count / 2 : count, y = GuardedFloats(results * abs(yStep))
      let x = memory + 1 + (xStep < 0 ? (count - 1) * element.bytes : 0), first = yStep < 0 ? results - 1 : 0
      kernel(results, x, xStep, mean, deviation, y.p + first, yStep)
      let isRight = (0..<results).allSatisfy { i in
        let want = (floats[xStep < 0 ? count - 1 - i : i * xStep] - mean) / deviation, got = y[first + i * yStep]
        return got == want || got.isNaN && want.isNaN
      }
      #expect(isRight && y.marginIsIntact, "steps \(xStep), \(yStep)")
    }
  }
}

@Suite("bandwidth")
struct BandwidthTests {
  @Test(arguments: ISA.available, [1, 7, 16, 127, 128, 1000])
  func doWhatTheySay(isa: ISA, count: Int) {
    let a = GuardedFloats((0..<count).map(Float.init)), b = GuardedFloats((0..<count).map { Float($0 % 5) }), y = GuardedFloats(count)
    isa.table.peak.copy(count, a.floats, y.p)
    #expect(y.values == a.values)
    isa.table.peak.triad(count, a.floats, b.floats, 3, y.p)
    for i in 0..<count { #expect(y[i] == a[i] + 3 * b[i]) }
    #expect(isa.table.peak.read(count, a.floats) == Float(count * (count - 1) / 2))
    #expect(y.marginIsIntact)
    #expect(isa.table.peak.fmaPerIteration == 12 * isa.table.lanes && isa.table.peak.fmaLoop(10).isFinite)
  }
}
