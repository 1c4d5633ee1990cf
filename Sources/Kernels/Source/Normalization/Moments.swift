import KernelTable

/// Merges the voxels of `rows` rows into mean and M2 (the sum of squared deviations from the mean) of each lane.
///
/// - width: 8 or 16 channels a voxel. x: first voxel of the first row; a row is `count` voxels, `[count][width]`; `xRow` floats from row to row.
/// - merged: how many voxels `state` stands for before the call; with 0 its content is ignored.
/// - state: `mean[width]`, `M2[width]`; afterwards it stands for `merged + rows * count` voxels.
///
/// Two passes over at most 128 voxels at a time, in float, about their own mean; merged in Double (Chan, Golub, LeVeque 1983). An offset
/// that is thousands of times the deviation does not cancel. The bits depend on `count` and on the order of calls that share a state, not
/// on how many rows a call takes. Bound by memory: each voxel comes once from there, once more from L1.
@inline(never)
func moments(_ width: Int, _ rows: Int, _ count: Int, _ x: Floats, _ xRow: Int, _ merged: Int, _ state: UnsafeMutablePointer<Double>) {
  var merged = merged
  for row in 0..<rows {
    var first = 0
    while first < count {
      let chunk = min(128, count - first)
      let x = x + row * xRow + first * width
      if width == 16 { mergeChunk(Vector.self, 16, chunk, x, merged, state) } else { mergeChunk(ShortVector.self, 8, chunk, x, merged, state) }
      merged += chunk
      first += chunk
    }
  }
}

@inline(__always)
private func mergeChunk<V: FloatVector>(_: V.Type, _ width: Int, _ count: Int, _ x: Floats, _ merged: Int, _ state: UnsafeMutablePointer<Double>) {
  for part in 0..<width / V.lanes {
    let x = x + part * V.lanes, state = state + part * V.lanes
    let mean = V.div(sum(V.self, width, count, x), V(repeating: Float(count)))
    let (deviations, squares) = deviations(from: mean, width, count, x)
    for lane in 0..<V.lanes {
      merge(Double(count), Double(mean[lane]), Double(deviations[lane]), Double(squares[lane]), Double(merged), state + lane, state + lane + width)
    }
  }
}

/// Sum over voxels of one vector of channels; four chains of additions, since one waits for its result four cycles.
@inline(__always)
private func sum<V: FloatVector>(_: V.Type, _ width: Int, _ count: Int, _ x: Floats) -> V {
  var sums = InlineArray<4, V>(repeating: V(repeating: 0))
  let whole = count & ~3
  var i = 0
  while i < whole {
    for j in 0..<4 { sums[j] = V.add(sums[j], V(loading: x + (i + j) * width)) }
    i += 4
  }
  while i < count {
    sums[0] = V.add(sums[0], V(loading: x + i * width))
    i += 1
  }
  return V.add(V.add(sums[0], sums[1]), V.add(sums[2], sums[3]))
}

/// Sums of `x - mean` (what rounding of the mean has left) and of its square.
@inline(__always)
private func deviations<V: FloatVector>(from mean: V, _ width: Int, _ count: Int, _ x: Floats) -> (sum: V, squares: V) {
  var sums = InlineArray<4, V>(repeating: V(repeating: 0)), squares = sums
  let whole = count & ~3
  var i = 0
  while i < whole {
    for j in 0..<4 {
      let d = V.sub(V(loading: x + (i + j) * width), mean)
      sums[j] = V.add(sums[j], d)
      squares[j] = V.fma(squares[j], d, d)
    }
    i += 4
  }
  while i < count {
    let d = V.sub(V(loading: x + i * width), mean)
    sums[0] = V.add(sums[0], d)
    squares[0] = V.fma(squares[0], d, d)
    i += 1
  }
  return (V.add(V.add(sums[0], sums[1]), V.add(sums[2], sums[3])), V.add(V.add(squares[0], squares[1]), V.add(squares[2], squares[3])))
}

/// One lane: `count` voxels with sums of `x - shift` and `(x - shift)²` join `merged` voxels.
@inline(__always)
private func merge(
  _ count: Double, _ shift: Double, _ deviations: Double, _ squares: Double, _ merged: Double,
  _ mean: UnsafeMutablePointer<Double>, _ m2: UnsafeMutablePointer<Double>
) {
  let ownMean = shift + deviations / count, ownM2 = squares - deviations * deviations / count
  if merged == 0 {
    mean.pointee = ownMean
    m2.pointee = ownM2
  } else {
    let delta = ownMean - mean.pointee, share = count / (merged + count)
    mean.pointee += delta * share
    m2.pointee += ownM2 + delta * delta * merged * share
  }
}
