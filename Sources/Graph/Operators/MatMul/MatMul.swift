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
