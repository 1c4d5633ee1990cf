import KernelTable
import TestSupport

/// IEEE 754 half precision by its definition.
private func half(_ bits: UInt16) -> Float {
  let exponent = Int(bits >> 10 & 31), fraction = Double(bits & 1023), sign = bits >> 15 == 1 ? -1.0 : 1.0
  if exponent == 31 { return fraction == 0 ? Float(sign * .infinity) : .nan }
  let scale = Double(sign: .plus, exponent: exponent == 0 ? -14 : exponent - 15, significand: 1)
  return Float(sign * (exponent == 0 ? fraction / 1024 : 1 + fraction / 1024) * scale)
}

private func numbers<T: BitwiseCopyable>(_ values: [T], _ float: (T) -> Float) -> (bytes: [UInt8], floats: [Float]) {
  (values.withUnsafeBytes { bytes in bytes.map { $0 } }, values.map { float($0) })
}

private func integers<T: FixedWidthInteger & BitwiseCopyable>(_ random: inout SplitMix64, _ float: (T) -> Float) -> (bytes: [UInt8], floats: [Float]) {
  var values: [T] = [T.min, T.max, 0, 1]
  for _ in 0..<61 { values.append(T(truncatingIfNeeded: random.next())) }
  return numbers(values, float)
}

/// Bytes of some numbers of a type, and what they are as floats.
private func numbers(_ element: StoredElement) -> (bytes: [UInt8], floats: [Float]) {
  var random = SplitMix64(seed: 4)
  switch element {
  case .int8: return integers(&random) { (x: Int8) in Float(x) }
  case .uint8: return integers(&random) { (x: UInt8) in Float(x) }
  case .int16: return integers(&random) { (x: Int16) in Float(x) }
  case .uint16: return integers(&random) { (x: UInt16) in Float(x) }
  case .int32: return integers(&random) { (x: Int32) in Float(x) }
  case .uint32: return integers(&random) { (x: UInt32) in Float(x) }
  case .int64: return integers(&random) { (x: Int64) in Float(x) }
  case .uint64: return integers(&random) { (x: UInt64) in Float(x) }
  case .float32: return numbers((0..<61).map { _ in random.float(100) }) { $0 }
  case .float64: return numbers([1e300, 0.1, -1e-300] + (0..<61).map { _ in Double(random.float(100)) / 3 }) { Float($0) }
  case .float16: return numbers((0...UInt16.max).map { $0 }, half)
  }
}

/// The same bits as scalar code, from memory that is one byte off: files give no alignment.
private func check(_ element: StoredElement, _ kernels: KernelTable, _ report: Report) {
  let (bytes, floats) = numbers(element), count = floats.count, mean: Float = 3.7, deviation: Float = 1.9
  let kernel = kernels.blend.normalizeStored(element)
  report.expect(bytes.count == count * element.bytes, "\(element.bytes) bytes a number")
  let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes.count + 1, alignment: 8)
  defer { memory.deallocate() }
  for i in 0..<bytes.count { memory.storeBytes(of: bytes[i], toByteOffset: i + 1, as: UInt8.self) }
  for (xStep, yStep) in [(1, 1), (-1, 1), (1, -1), (1, 3), (2, 1)] {
    report.place = "steps \(xStep), \(yStep)"
    let results = xStep == 2 ? count / 2 : count, y = GuardedFloats(results * abs(yStep))
    let x = memory + 1 + (xStep < 0 ? (count - 1) * element.bytes : 0), first = yStep < 0 ? results - 1 : 0
    kernel(results, x, xStep, mean, deviation, y.p + first, yStep)
    for i in 0..<results {
      report.expect(y[first + i * yStep], equals: (floats[xStep < 0 ? count - 1 - i : i * xStep] - mean) / deviation, "voxel \(i)")
    }
    report.expectIntact(y)
  }
}

let storedChecks = StoredElement.allCases.map { element in KernelCheck("\(element.rawValue) normalised") { check(element, $0, $1) } }
