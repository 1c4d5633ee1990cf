/// Sums of products over a shared axis.
enum MatMulFamily {
  static let operators = [MatMul.declaration, Gemm.declaration, Einsum.declaration, Attention.declaration]
}

/// A product of two stacks of matrices for concrete shapes.
public struct MatMulGeometry: Sendable, Hashable {
  /// Common batch axes after broadcasting.
  public let batch: [Int]
  public let rows: Int
  public let depth: Int
  public let columns: Int
  /// For each batch axis, how many matrices further its next index lies in A and in B; 0 where the operand is repeated.
  public let stridesA: [Int]
  public let stridesB: [Int]
  /// Shape of the result; an operand that was a vector leaves no axis.
  public let outputShape: [Int]

  /// Matrices of A and B that meet, in row-major order of the batch.
  public var pairs: [(a: Int, b: Int)] {
    batch.indices.reduce([(0, 0)]) { pairs, axis in
      pairs.flatMap { pair in (0..<batch[axis]).map { (pair.0 + $0 * stridesA[axis], pair.1 + $0 * stridesB[axis]) } }
    }
  }
}

/// The matrix product of NumPy's `matmul`: the last two axes are matrices, the others broadcast; a vector is a row on the left and a
/// column on the right (ONNX MatMul 1, 9, 13).
public struct MatMul: Operator {
  public static let declaration = OperatorDeclaration(
    "MatMul", opsets: [1, 9, 13], inputs: 2...2, elements: ElementType.floatingPoint + [.int32, .int64, .uint32, .uint64]
  ) { (_) throws(GraphError) in MatMul() }

  public init() {}

  public func geometry(a: [Int], b: [Int]) throws(GraphError) -> MatMulGeometry {
    guard !a.isEmpty, !b.isEmpty else { throw .invalid(place: "", reason: "operands \(a) and \(b): scalars have no matrix product") }
    let left = a.count == 1 ? [1] + a : a, right = b.count == 1 ? b + [1] : b
    let (rows, depth) = (left[left.count - 2], left[left.count - 1])
    guard right[right.count - 2] == depth else {
      throw .shape(place: "", reason: "operands \(a) and \(b): \(depth) columns meet \(right[right.count - 2]) rows")
    }
    let axes = max(left.count, right.count) - 2
    let over = { (shape: [Int]) in [Int](repeating: 1, count: axes + 2 - shape.count) + shape.dropLast(2) }
    let (batchA, batchB) = (over(left), over(right))
    var batch: [Int] = []
    for (p, q) in zip(batchA, batchB) {
      guard p == q || p == 1 || q == 1 else { throw .shape(place: "", reason: "operands \(a) and \(b): batch axes \(p) and \(q) differ") }
      batch.append(p == 1 ? q : p)
    }
    let columns = right[right.count - 1]
    return MatMulGeometry(
      batch: batch, rows: rows, depth: depth, columns: columns, stridesA: Self.strides(batchA), stridesB: Self.strides(batchB),
      outputShape: batch + (a.count == 1 ? [] : [rows]) + (b.count == 1 ? [] : [columns]))
  }

  private static func strides(_ shape: [Int]) -> [Int] {
    shape.indices.map { shape[$0] == 1 ? 0 : shape[($0 + 1)...].reduce(1, *) }
  }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let a = try inputs.required(0, "A").type, b = try inputs.required(1, "B").type
    guard a.element == b.element else {
      throw .invalid(place: "", reason: "operands are \(a.element.onnxName) and \(b.element.onnxName); both must be of one type")
    }
    return [TensorType(a.element, try geometry(a: a.shape, b: b.shape).outputShape)]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let a: Tensor = try inputs.required(0, "A"), b: Tensor = try inputs.required(1, "B")
    let g = try geometry(a: a.shape, b: b.shape), type = TensorType(a.element, g.outputShape)
    if let left = a.integers, let right = b.integers {
      return [Tensor(type, wrapping: multiply(g, left, right, zero: 0) { $0 &+ $1 &* $2 })]
    }
    return [Tensor(type, rounding: multiply(g, a.doubles, b.doubles, zero: 0) { $0 + $1 * $2 })]
  }
}

/// All products of a stack; `addProduct(sum, p, q)` is `sum + p * q` in the arithmetic of the elements.
func multiply<T>(_ g: MatMulGeometry, _ a: [T], _ b: [T], zero: T, addProduct: (T, T, T) -> T) -> [T] {
  var result: [T] = []
  result.reserveCapacity(g.batch.reduce(g.rows * g.columns, *))
  for pair in g.pairs {
    let left = pair.a * g.rows * g.depth, right = pair.b * g.depth * g.columns
    for row in 0..<g.rows {
      var sums = [T](repeating: zero, count: g.columns)
      for k in 0..<g.depth {
        let factor = a[left + row * g.depth + k]
        for column in 0..<g.columns { sums[column] = addProduct(sums[column], factor, b[right + k * g.columns + column]) }
      }
      result += sums
    }
  }
  return result
}

/// `Y = alpha * A' * B' + beta * C`, where A' and B' are A and B, transposed or not, and C broadcasts to the result
/// (ONNX Gemm 1, 6, 7, 9, 11, 13).
public struct Gemm: Operator {
  public let alpha: Float
  public let beta: Float
  public let transposesA: Bool
  public let transposesB: Bool
  /// C must have the result's shape: the definition before opset 7 without its attribute 'broadcast'.
  public let refusesBroadcast: Bool

  public static let declaration = OperatorDeclaration(
    "Gemm", opsets: [1, 6, 7, 9, 11, 13], inputs: 2...3, elements: ElementType.floatingPoint + [.int32, .int64, .uint32, .uint64]
  ) { (node) throws(GraphError) in
    Gemm(
      alpha: try node.float("alpha") ?? 1, beta: try node.float("beta") ?? 1, transposesA: try node.bool("transA") ?? false,
      transposesB: try node.bool("transB") ?? false, refusesBroadcast: node.opset < 7 ? try !(node.bool("broadcast") ?? false) : false)
  }

  /// Sizes of the product of A' and B'.
  public func geometry(a: [Int], b: [Int]) throws(GraphError) -> MatMulGeometry {
    guard a.count == 2, b.count == 2 else { throw .invalid(place: "", reason: "operands \(a) and \(b) are not matrices") }
    return try MatMul().geometry(a: transposesA ? a.reversed() : a, b: transposesB ? b.reversed() : b)
  }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let a = try inputs.required(0, "A").type, b = try inputs.required(1, "B").type, c = inputs.optional(2)?.type
    for other in [b, c].compactMap({ $0 }) where other.element != a.element {
      throw .invalid(place: "", reason: "operands are \(a.element.onnxName) and \(other.element.onnxName); all must be of one type")
    }
    let shape = try geometry(a: a.shape, b: b.shape).outputShape
    if let c {
      let fits = c.shape.count <= 2 && zip(c.shape.reversed(), shape.reversed()).allSatisfy { $0 == $1 || $0 == 1 }
      guard fits, !refusesBroadcast || c.shape == shape else {
        throw .shape(place: "", reason: "operand C \(c.shape) does not broadcast to the result \(shape)")
      }
    }
    if !a.element.isFloatingPoint, alpha != 1 || beta != 1 {
      throw .unsupported(place: "", reason: "Gemm of integers with alpha \(alpha) and beta \(beta)")
    }
    return [TensorType(a.element, shape)]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let a: Tensor = try inputs.required(0, "A"), b: Tensor = try inputs.required(1, "B"), c: Tensor? = inputs.optional(2)
    let g = try geometry(a: a.shape, b: b.shape), type = TensorType(a.element, g.outputShape)
    let places = c.map { indices(of: $0.shape, in: g) }
    if let left = a.integers, let right = b.integers {
      let product = multiply(g, ordered(left, a, transposesA), ordered(right, b, transposesB), zero: 0) { $0 &+ $1 &* $2 }
      guard let places, let addend = c?.integers else { return [Tensor(type, wrapping: product)] }
      return [Tensor(type, wrapping: zip(product, places).map { $0 &+ addend[$1] })]
    }
    let product = multiply(g, ordered(a.doubles, a, transposesA), ordered(b.doubles, b, transposesB), zero: 0) { $0 + $1 * $2 }
    let scaled = product.map { Double(alpha) * $0 }
    guard let places, let addend = c?.doubles else { return [Tensor(type, rounding: scaled)] }
    return [Tensor(type, rounding: zip(scaled, places).map { $0 + Double(beta) * addend[$1] })]
  }

  private func ordered<T>(_ values: [T], _ matrix: Tensor, _ transposes: Bool) -> [T] {
    guard transposes else { return values }
    let (rows, columns) = (matrix.shape[0], matrix.shape[1])
    return (0..<columns).flatMap { column in (0..<rows).map { values[$0 * columns + column] } }
  }

  /// For each element of the result the element of C that it meets.
  private func indices(of shape: [Int], in g: MatMulGeometry) -> [Int] {
    let rowStep = shape.count == 2 && shape[0] != 1 ? shape[1] : 0
    let columnStep = shape.last.map { $0 != 1 } ?? false ? 1 : 0
    return (0..<g.rows).flatMap { row in (0..<g.columns).map { row * rowStep + $0 * columnStep } }
  }
}
