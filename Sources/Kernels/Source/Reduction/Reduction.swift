import KernelTable

/// An associative operation, on vectors. A type without values: it stands for the operation at compile time.
protocol ReductionOperation {
  /// The result of nothing.
  static var start: Float { get }
  /// What a number counts as; `start` of itself where it has to fill up a vector.
  static func map<V: FloatVector>(_ x: V) -> V
  static func join<V: FloatVector>(_ a: V, _ b: V) -> V
}

/// `y[row] = F(x[row][0], x[row][1]...)` for rows of `count` floats, `xRow` apart; of none: 0, 1 or an infinity.
///
/// Vectors of a row join in chains of 64, the chains one after another, lanes at the end: the error of a sum grows with `count / lanes / 64`.
/// Rows are independent.
@inline(__always)
func reduceRows<F: ReductionOperation>(_: F.Type, _ rows: Int, _ count: Int, _ x: Floats, _ xRow: Int, _ y: MutableFloats) {
  let vectors = (count + Vector.lanes - 1) / Vector.lanes
  for row in 0..<rows {
    let x = x + row * xRow
    let joined = chains(F.self, vectors) { Vector(loading: x + $0 * Vector.lanes, count - $0 * Vector.lanes, filling: F.start) }
    y[row] = Vector.reduce(joined, Vector.lanes) { F.join($0, $1) }[0]
  }
}

/// `y[column] = F(x[0][column], x[1][column]...)` over `count` rows `xStep` floats apart, for `columns` neighbours; chains as above.
@inline(__always)
func reduceColumns<F: ReductionOperation>(_: F.Type, _ count: Int, _ columns: Int, _ x: Floats, _ xStep: Int, _ y: MutableFloats) {
  forEachVector(columns) { column, lanes in
    let x = x + column
    chains(F.self, count) { Vector(loading: x + $0 * xStep, lanes) }.stored(at: y + column, lanes)
  }
}

@inline(__always)
private func chains<F: ReductionOperation>(_: F.Type, _ count: Int, _ load: (Int) -> Vector) -> Vector {
  var total = Vector(repeating: F.start), i = 0
  while i < count {
    var chain = Vector(repeating: F.start)
    let end = min(count, i + 64)
    while i < end {
      chain = F.join(chain, F.map(load(i)))
      i += 1
    }
    total = F.join(total, chain)
  }
  return total
}

enum SumReduction: ReductionOperation {
  static var start: Float { 0 }
  @inline(__always) static func map<V: FloatVector>(_ x: V) -> V { x }
  @inline(__always) static func join<V: FloatVector>(_ a: V, _ b: V) -> V { V.add(a, b) }
}

enum MagnitudeReduction: ReductionOperation {
  static var start: Float { 0 }
  @inline(__always) static func map<V: FloatVector>(_ x: V) -> V { V.abs(x) }
  @inline(__always) static func join<V: FloatVector>(_ a: V, _ b: V) -> V { V.add(a, b) }
}

enum SquareReduction: ReductionOperation {
  static var start: Float { 0 }
  @inline(__always) static func map<V: FloatVector>(_ x: V) -> V { V.mul(x, x) }
  @inline(__always) static func join<V: FloatVector>(_ a: V, _ b: V) -> V { V.add(a, b) }
}

enum ProductReduction: ReductionOperation {
  static var start: Float { 1 }
  @inline(__always) static func map<V: FloatVector>(_ x: V) -> V { x }
  @inline(__always) static func join<V: FloatVector>(_ a: V, _ b: V) -> V { V.mul(a, b) }
}

enum MaxReduction: ReductionOperation {
  static var start: Float { -.infinity }
  @inline(__always) static func map<V: FloatVector>(_ x: V) -> V { x }
  @inline(__always) static func join<V: FloatVector>(_ a: V, _ b: V) -> V { V.maximum(a, b) }
}

enum MinReduction: ReductionOperation {
  static var start: Float { .infinity }
  @inline(__always) static func map<V: FloatVector>(_ x: V) -> V { x }
  @inline(__always) static func join<V: FloatVector>(_ a: V, _ b: V) -> V { V.minimum(a, b) }
}
