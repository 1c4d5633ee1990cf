import KernelTable

/// `y = act(a) + act(b)`, or `y = last(act(a) + act(b))`, lane by lane over `rows` rows of `count` voxels of `width` channels.
///
/// The affine part of a normalisation, its activation, the residual and the activation after the sum in one pass over memory.
/// - a, b: summands, see `NormalizedOperand`; without `b` the sum is `act(a)` alone.
/// - slope: `[width]`, `last(t) = t > 0 ? t : slope * t`; nil: the identity. A slope of 1 is the identity, of 0 Relu.
/// - y: may be `a.x` or `b.x`, with the same row stride.
///
/// NaN stays NaN. Any cut into rows gives the same bits. Bound by memory.
@inline(never)
func normalize(
  _ width: Int, _ rows: Int, _ count: Int, _ a: NormalizedOperand, _ b: NormalizedOperand?, _ slope: Floats?, _ y: MutableFloats, _ yRow: Int
) {
  for row in 0..<rows {
    let y = y + row * yRow, ax = a.x + row * a.row
    if width == 16 {
      normalizeRow(Vector.self, 16, count, ax, a.norm, b.map { $0.x + row * $0.row }, b?.norm, slope, y)
    } else {
      normalizeRow(ShortVector.self, 8, count, ax, a.norm, b.map { $0.x + row * $0.row }, b?.norm, slope, y)
    }
  }
}

/// Chooses the loop for what is there.
@inline(__always)
private func normalizeRow<V: FloatVector>(
  _: V.Type, _ width: Int, _ count: Int, _ a: Floats, _ aNorm: Floats?, _ b: Floats?, _ bNorm: Floats?, _ slope: Floats?, _ y: MutableFloats
) {
  for part in 0..<width / V.lanes {
    let offset = part * V.lanes
    let a = Summand<V>(a, aNorm, width, offset), last = slope.map { V(loading: $0 + offset) }
    if let b {
      let b = Summand<V>(b, bNorm, width, offset)
      switch (a.isPlain, b.isPlain, last) {
      case (false, true, nil): voxels(width, count, y + offset) { V.add(a.normed($0), b.plain($0)) }
      case (false, false, nil): voxels(width, count, y + offset) { V.add(a.normed($0), b.normed($0)) }
      case (true, true, nil): voxels(width, count, y + offset) { V.add(a.plain($0), b.plain($0)) }
      case (true, false, nil): voxels(width, count, y + offset) { V.add(a.plain($0), b.normed($0)) }
      case (false, true, let last?): voxels(width, count, y + offset) { V.prelu(V.add(a.normed($0), b.plain($0)), last) }
      case (false, false, let last?): voxels(width, count, y + offset) { V.prelu(V.add(a.normed($0), b.normed($0)), last) }
      case (true, true, let last?): voxels(width, count, y + offset) { V.prelu(V.add(a.plain($0), b.plain($0)), last) }
      case (true, false, let last?): voxels(width, count, y + offset) { V.prelu(V.add(a.plain($0), b.normed($0)), last) }
      }
    } else {
      switch (a.isPlain, last) {
      case (false, nil): voxels(width, count, y + offset) { a.normed($0) }
      case (true, nil): voxels(width, count, y + offset) { a.plain($0) }
      case (false, let last?): voxels(width, count, y + offset) { V.prelu(a.normed($0), last) }
      case (true, let last?): voxels(width, count, y + offset) { V.prelu(a.plain($0), last) }
      }
    }
  }
}

/// One vector of channels of a row, with its parameters in registers.
private struct Summand<V: FloatVector> {
  let x: Floats, isPlain: Bool, scale: V, shift: V, slope: V, mean: V

  @inline(__always)
  init(_ x: Floats, _ norm: Floats?, _ width: Int, _ offset: Int) {
    self.x = x + offset
    isPlain = norm == nil
    let norm = norm.map { $0 + offset }
    scale = norm.map { V(loading: $0) } ?? V(repeating: 1)
    shift = norm.map { V(loading: $0 + width) } ?? V(repeating: 0)
    slope = norm.map { V(loading: $0 + 2 * width) } ?? V(repeating: 1)
    mean = norm.map { V(loading: $0 + 3 * width) } ?? V(repeating: 0)
  }

  @inline(__always) func plain(_ i: Int) -> V { V(loading: x + i) }
  @inline(__always) func normed(_ i: Int) -> V { V.prelu(V.fma(shift, V.sub(V(loading: x + i), mean), scale), slope) }
}

/// Stores `value(i)` at float i of every voxel.
@inline(__always)
private func voxels<V: FloatVector>(_ width: Int, _ count: Int, _ y: MutableFloats, _ value: (Int) -> V) {
  for voxel in 0..<count { value(voxel * width).stored(at: y + voxel * width) }
}
