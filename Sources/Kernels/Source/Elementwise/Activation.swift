import KernelTable

enum Relu: UnaryOperation {
  @inline(__always)
  static func apply<V: FloatVector>(_ x: V, _: V, _: V) -> V { V.less(x, V(repeating: 0), V(repeating: 0), x) }
}

enum LeakyRelu: UnaryOperation {
  @inline(__always) static func apply<V: FloatVector>(_ x: V, _ alpha: V, _: V) -> V { V.prelu(x, alpha) }
}

enum Elu: UnaryOperation {
  @inline(__always)
  static func apply<V: FloatVector>(_ x: V, _ alpha: V, _: V) -> V { V.less(x, V(repeating: 0), V.mul(alpha, V.expm1(x)), x) }
}

enum Selu: UnaryOperation {
  @inline(__always)
  static func apply<V: FloatVector>(_ x: V, _ alpha: V, _ beta: V) -> V { V.mul(beta, Elu.apply(x, alpha, beta)) }
}

enum Celu: UnaryOperation {
  @inline(__always)
  static func apply<V: FloatVector>(_ x: V, _ alpha: V, _: V) -> V {
    // For alpha < 0 the second summand has its sign from alpha; both limits are taken as the definition says.
    let zero = V(repeating: 0), low = V.mul(alpha, V.expm1(V.div(x, alpha)))
    return V.add(V.less(x, zero, zero, x), V.less(zero, low, zero, low))
  }
}

enum ThresholdedRelu: UnaryOperation {
  @inline(__always)
  static func apply<V: FloatVector>(_ x: V, _ alpha: V, _: V) -> V {
    // NaN is neither above nor below: it stays.
    V.less(alpha, x, x, V.equal(x, x, V(repeating: 0), x))
  }
}

enum HardSigmoid: UnaryOperation {
  @inline(__always)
  static func apply<V: FloatVector>(_ x: V, _ alpha: V, _ beta: V) -> V { V.clamp(V.fma(beta, x, alpha), 0, 1) }
}

enum HardSwish: UnaryOperation {
  @inline(__always)
  static func apply<V: FloatVector>(_ x: V, _: V, _: V) -> V {
    V.mul(x, V.clamp(V.fma(V(repeating: 0.5), x, V(repeating: 1 / 6)), 0, 1))
  }
}

enum Softplus: UnaryOperation {
  @inline(__always)
  static func apply<V: FloatVector>(_ x: V, _: V, _: V) -> V {
    V.add(Relu.apply(x, x, x), V.log1pOfFraction(V.exp(V.neg(V.abs(x)))))
  }
}

enum Softsign: UnaryOperation {
  @inline(__always)
  static func apply<V: FloatVector>(_ x: V, _: V, _: V) -> V { V.div(x, V.add(V(repeating: 1), V.abs(x))) }
}

enum Mish: UnaryOperation {
  /// With e = exp(x), `tanh(log(1 + e)) = (e² + 2e) / (e² + 2e + 2)`: no cancellation, and 1 in float from x = 20 on.
  @inline(__always)
  static func apply<V: FloatVector>(_ x: V, _: V, _: V) -> V {
    let e = V.exp(V.clamp(x, -104, 20)), n = V.mul(e, V.add(e, V(repeating: 2)))
    return V.mul(x, V.div(n, V.add(n, V(repeating: 2))))
  }
}

enum Silu: UnaryOperation {
  @inline(__always) static func apply<V: FloatVector>(_ x: V, _ alpha: V, _: V) -> V { V.mul(x, V.sigmoid(V.mul(alpha, x))) }
}

enum Gelu: UnaryOperation {
  @inline(__always) static func apply<V: FloatVector>(_ x: V, _: V, _: V) -> V { V.gelu(x) }
}

enum GeluTanh: UnaryOperation {
  /// `(1 + tanh t) / 2 = sigmoid(2t)`, which does not cancel for t < 0.
  @inline(__always)
  static func apply<V: FloatVector>(_ x: V, _: V, _: V) -> V {
    let inner = V.mul(x, V.fma(V(repeating: 1.595_769_12), V.mul(x, x), V(repeating: 1.595_769_12 * 0.044715)))
    return V.mul(x, V.sigmoid(inner))
  }
}

enum Clip: UnaryOperation {
  @inline(__always)
  static func apply<V: FloatVector>(_ x: V, _ alpha: V, _ beta: V) -> V {
    let raised = V.less(x, alpha, alpha, x)
    return V.less(beta, raised, beta, raised)
  }
}
