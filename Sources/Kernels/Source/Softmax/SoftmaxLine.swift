/// Lines of vectors along which softmax runs: the elements of a line lie in `count` vectors, either one line a lane, or one line over all
/// lanes. How vectors are loaded and stored is the caller's; what is not there is -infinity.
///
/// A NaN, or infinity as the largest, makes the whole line NaN. Numbers more than 87 below the largest count as 0.
struct SoftmaxLine<V: FloatVector> {
  let count: Int
  /// Joins the lanes of a vector by an operation, in all lanes, if the line runs over lanes.
  let acrossLanes: Bool

  /// `y[i] = exp(x[i] - max) / sum`. `load(y)` after `store`: `stored`.
  @inline(__always)
  func softmax(load: (Int) -> V, stored: (Int) -> V, store: (Int, V) -> Void) {
    let factor = V.div(V(repeating: 1), exponentials(load: load, keep: store))
    for i in 0..<count { store(i, V.mul(stored(i), factor)) }
  }

  /// `y[i] = x[i] - max - log(sum)`.
  @inline(__always)
  func logSoftmax(load: (Int) -> V, store: (Int, V) -> Void) {
    let largest = largest(load)
    var sum = V(repeating: 0)
    for i in 0..<count { sum = V.add(sum, V.expOfNegative(V.sub(load(i), largest))) }
    let logarithm = V.log(join(sum) { V.add($0, $1) })
    for i in 0..<count { store(i, V.sub(V.sub(load(i), largest), logarithm)) }
  }

  /// Keeps every `exp(x[i] - max)`; returns their sum.
  @inline(__always)
  func exponentials(load: (Int) -> V, keep: (Int, V) -> Void) -> V {
    let largest = largest(load)
    var sum = V(repeating: 0)
    for i in 0..<count {
      let e = V.expOfNegative(V.sub(load(i), largest))
      sum = V.add(sum, e)
      keep(i, e)
    }
    return join(sum) { V.add($0, $1) }
  }

  @inline(__always)
  private func largest(_ load: (Int) -> V) -> V {
    var largest = V(repeating: -.infinity)
    for i in 0..<count { largest = V.max(largest, load(i)) }
    return join(largest) { V.max($0, $1) }
  }

  @inline(__always)
  private func join(_ x: V, _ operation: (V, V) -> V) -> V { acrossLanes ? V.reduce(x, V.lanes, operation) : x }
}
