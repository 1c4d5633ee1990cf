import CVector
import KernelTable

/// A function of two numbers, on vectors of them; see `UnaryOperation`.
protocol BinaryOperation {
  static func apply<V: FloatVector>(_ a: V, _ b: V) -> V
}

enum Add: BinaryOperation { @inline(__always) static func apply<V: FloatVector>(_ a: V, _ b: V) -> V { V.add(a, b) } }
enum Sub: BinaryOperation { @inline(__always) static func apply<V: FloatVector>(_ a: V, _ b: V) -> V { V.sub(a, b) } }
enum Mul: BinaryOperation { @inline(__always) static func apply<V: FloatVector>(_ a: V, _ b: V) -> V { V.mul(a, b) } }
enum Div: BinaryOperation { @inline(__always) static func apply<V: FloatVector>(_ a: V, _ b: V) -> V { V.div(a, b) } }
enum Max: BinaryOperation { @inline(__always) static func apply<V: FloatVector>(_ a: V, _ b: V) -> V { V.maximum(a, b) } }
enum Min: BinaryOperation { @inline(__always) static func apply<V: FloatVector>(_ a: V, _ b: V) -> V { V.minimum(a, b) } }
enum PRelu: BinaryOperation { @inline(__always) static func apply<V: FloatVector>(_ a: V, _ b: V) -> V { V.prelu(a, b) } }

enum Pow: BinaryOperation {
  @inline(__always)
  static func apply<V: FloatVector>(_ a: V, _ b: V) -> V {
    var y = a
    for lane in 0..<V.lanes { y[lane] = cv_pow(a[lane], b[lane]) }
    return y
  }
}

/// `y[i] = F(a[i], b[i])`; any count, any alignment; `y` may be `a` or `b`. Periods: see `ElementwiseKernels.Binary`.
@inline(__always)
func combineRows<F: BinaryOperation>(_: F.Type, _ count: Int, _ a: Floats, _ aPeriod: Int, _ b: Floats, _ bPeriod: Int, _ y: MutableFloats) {
  if aPeriod == 0 && bPeriod == 0 {
    forEachVector(count) { i, lanes in F.apply(Vector(loading: a + i, lanes), Vector(loading: b + i, lanes)).stored(at: y + i, lanes) }
  } else if aPeriod == 0 {
    let b = Periodic(b, bPeriod)
    forEachVector(count) { i, lanes in F.apply(Vector(loading: a + i, lanes), b[i]).stored(at: y + i, lanes) }
  } else {
    let a = Periodic(a, aPeriod)
    forEachVector(count) { i, lanes in F.apply(a[i], Vector(loading: b + i, lanes)).stored(at: y + i, lanes) }
  }
}

/// An operand that repeats itself after 1, 8 or 16 floats.
private struct Periodic {
  private let p: Floats
  /// Of a position: what counts within the period; 0 if the period fits a vector.
  private let mask: Int
  private let vector: Vector

  @inline(__always)
  init(_ p: Floats, _ period: Int) {
    self.p = p
    mask = period > Vector.lanes ? period - 1 : 0
    var vector = Vector(repeating: p[0])
    if period > 1 { for lane in 0..<Vector.lanes { vector[lane] = p[lane & (period - 1)] } }
    self.vector = vector
  }

  /// The vector at a position that is a multiple of the lanes.
  @inline(__always) subscript(i: Int) -> Vector { mask == 0 ? vector : Vector(loading: p + (i & mask)) }
}
