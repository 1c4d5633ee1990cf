import CVector
import KernelTable

/// A function of one number, on a vector of them. A type without values: it stands for the function at compile time.
protocol UnaryOperation {
  static func apply<V: FloatVector>(_ x: V, _ alpha: V, _ beta: V) -> V
}

/// `y[i] = F(x[i])`; any count, any alignment; `y` may be `x`.
@inline(__always)
func mapRow<F: UnaryOperation>(_: F.Type, _ count: Int, _ x: Floats, _ y: MutableFloats, _ alpha: Float, _ beta: Float) {
  let a = Vector(repeating: alpha), b = Vector(repeating: beta)
  forEachVector(count) { i, lanes in F.apply(Vector(loading: x + i, lanes), a, b).stored(at: y + i, lanes) }
}

enum Neg: UnaryOperation { @inline(__always) static func apply<V: FloatVector>(_ x: V, _: V, _: V) -> V { V.neg(x) } }
enum Abs: UnaryOperation { @inline(__always) static func apply<V: FloatVector>(_ x: V, _: V, _: V) -> V { V.abs(x) } }
enum Sqrt: UnaryOperation { @inline(__always) static func apply<V: FloatVector>(_ x: V, _: V, _: V) -> V { V.sqrt(x) } }
enum Square: UnaryOperation { @inline(__always) static func apply<V: FloatVector>(_ x: V, _: V, _: V) -> V { V.mul(x, x) } }
enum Exp: UnaryOperation { @inline(__always) static func apply<V: FloatVector>(_ x: V, _: V, _: V) -> V { V.exp(x) } }
enum Log: UnaryOperation { @inline(__always) static func apply<V: FloatVector>(_ x: V, _: V, _: V) -> V { V.log(x) } }
enum Tanh: UnaryOperation { @inline(__always) static func apply<V: FloatVector>(_ x: V, _: V, _: V) -> V { V.tanh(x) } }
enum Erf: UnaryOperation { @inline(__always) static func apply<V: FloatVector>(_ x: V, _: V, _: V) -> V { V.erf(x) } }
enum Floor: UnaryOperation { @inline(__always) static func apply<V: FloatVector>(_ x: V, _: V, _: V) -> V { V.floor(x) } }
enum Ceil: UnaryOperation { @inline(__always) static func apply<V: FloatVector>(_ x: V, _: V, _: V) -> V { V.ceil(x) } }
enum Round: UnaryOperation { @inline(__always) static func apply<V: FloatVector>(_ x: V, _: V, _: V) -> V { V.roundeven(x) } }
enum Sigmoid: UnaryOperation { @inline(__always) static func apply<V: FloatVector>(_ x: V, _: V, _: V) -> V { V.sigmoid(x) } }

enum Reciprocal: UnaryOperation {
  @inline(__always) static func apply<V: FloatVector>(_ x: V, _: V, _: V) -> V { V.div(V(repeating: 1), x) }
}

enum Sin: UnaryOperation {
  @inline(__always)
  static func apply<V: FloatVector>(_ x: V, _: V, _: V) -> V {
    var y = x
    for lane in 0..<V.lanes { y[lane] = cv_sin(x[lane]) }
    return y
  }
}

enum Cos: UnaryOperation {
  @inline(__always)
  static func apply<V: FloatVector>(_ x: V, _: V, _: V) -> V {
    var y = x
    for lane in 0..<V.lanes { y[lane] = cv_cos(x[lane]) }
    return y
  }
}

enum Sign: UnaryOperation {
  @inline(__always)
  static func apply<V: FloatVector>(_ x: V, _: V, _: V) -> V {
    let zero = V(repeating: 0)
    return V.less(x, zero, V(repeating: -1), V.less(zero, x, V(repeating: 1), x))
  }
}
