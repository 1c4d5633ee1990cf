/// Twelve independent chains of multiply-adds in registers: more than latency times throughput of any core.
@inline(never)
func fmaLoop(_ iterations: Int) -> Float {
  var accumulators = InlineArray<12, Vector> { _ in Vector(repeating: 1) }
  let x = Vector(repeating: Float(iterations & 1) * 1e-9 + 0.999_999), y = Vector(repeating: 1e-9)
  for _ in 0..<iterations { for i in 0..<12 { accumulators[i] = Vector.fma(y, accumulators[i], x) } }
  var sum: Float = 0
  for i in 0..<12 { for lane in 0..<Vector.scalarCount { sum += accumulators[i][lane] } }
  return sum
}
