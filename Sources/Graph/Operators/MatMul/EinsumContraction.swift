/// An axis of a contraction: a letter, or one that `...` stands for, numbered from the last.
public enum EinsumAxis: Sendable, Hashable {
  case letter(Character)
  case broadcast(fromLast: Int)
}

/// An Einsum for concrete shapes.
public struct EinsumContraction: Sendable, Hashable {
  /// Axes of each operand, in its order; one may occur twice (a diagonal).
  public let operands: [[EinsumAxis]]
  /// Axes of the result, in its order.
  public let result: [EinsumAxis]
  /// Axes that are summed.
  public let summed: [EinsumAxis]
  public let sizes: [EinsumAxis: Int]
  /// For each operand and axis, elements to the next index; axes that it lacks or repeats are missing or 0.
  public let strides: [[EinsumAxis: Int]]

  public var outputShape: [Int] { result.map { sizes[$0] ?? 1 } }

  /// Flat offsets in one operand while the given axes run in row-major order.
  private func offsets(of operand: Int, along axes: [EinsumAxis]) -> [Int] {
    axes.reduce([0]) { places, axis in
      let step = strides[operand][axis] ?? 0, size = sizes[axis] ?? 1
      return places.flatMap { place in (0..<size).map { place + $0 * step } }
    }
  }

  func sums<T>(_ values: [[T]], zero: T, one: T, add: (T, T) -> T, multiply: (T, T) -> T) -> [T] {
    let outer = operands.indices.map { offsets(of: $0, along: result) }, inner = operands.indices.map { offsets(of: $0, along: summed) }
    let count = result.reduce(1) { $0 * (sizes[$1] ?? 1) }, terms = summed.reduce(1) { $0 * (sizes[$1] ?? 1) }
    return (0..<count).map { place in
      var sum = zero
      for term in 0..<terms {
        var product = one
        for operand in values.indices { product = multiply(product, values[operand][outer[operand][place] + inner[operand][term]]) }
        sum = add(sum, product)
      }
      return sum
    }
  }
}

extension Einsum {
  /// Which axes meet, and how to walk the operands. Throws where sizes contradict each other.
  public func contraction(of shapes: [[Int]]) throws(GraphError) -> EinsumContraction {
    guard shapes.count == terms.count else {
      throw .invalid(place: "", reason: "the equation has \(terms.count) terms, the node \(shapes.count) inputs")
    }
    var operands: [[EinsumAxis]] = [], sizes: [EinsumAxis: Int] = [:], most = 0
    for (term, shape) in zip(terms, shapes) {
      let hidden = shape.count - term.compactMap { $0 }.count
      guard hidden >= 0, hidden == 0 || term.contains(nil) else {
        throw .invalid(place: "", reason: "term '\(Self.text(term))' does not fit an input of shape \(shape)")
      }
      let axes = Self.expanded(term, hidden: hidden)
      for (axis, size) in zip(axes, shape) { sizes[axis] = try Self.merged(sizes[axis], size, axis) }
      operands.append(axes)
      most = max(most, hidden)
    }
    guard TensorType(.float32, sizes.values.map { max($0, 1) }).count <= Limits.count else {
      throw .unsupported(place: "", reason: "a contraction of inputs \(shapes) has too many terms")
    }
    // A result that leaves out '...' sums over it.
    let output = Self.expanded(result, hidden: result.contains(nil) ? most : 0)
    let order = operands.flatMap { $0 }
    var summed: [EinsumAxis] = []
    for axis in order where !output.contains(axis) && !summed.contains(axis) { summed.append(axis) }
    let strides = zip(operands, shapes).map { axes, shape in
      var strides: [EinsumAxis: Int] = [:]
      for (position, axis) in axes.enumerated() where shape[position] != 1 {
        strides[axis, default: 0] += shape[(position + 1)...].reduce(1, *)
      }
      return strides
    }
    return EinsumContraction(operands: operands, result: output, summed: summed, sizes: sizes, strides: strides)
  }

  private static func text(_ term: [Character?]) -> String { term.map { $0.map(String.init) ?? "..." }.joined() }

  private static func expanded(_ term: [Character?], hidden: Int) -> [EinsumAxis] {
    term.flatMap { letter in letter.map { [.letter($0)] } ?? (0..<hidden).reversed().map { .broadcast(fromLast: $0) } }
  }

  private static func merged(_ known: Int?, _ size: Int, _ axis: EinsumAxis) throws(GraphError) -> Int {
    guard let known, known != size else { return size }
    guard known == 1 || size == 1 else {
      let name = if case .letter(let letter) = axis { "axis '\(letter)'" } else { "an axis of '...'" }
      throw .shape(place: "", reason: "\(name) is \(known) long in one input and \(size) in another")
    }
    return known == 1 ? size : known
  }
}
