import Graph
import Kernels

extension PlanBuilder {
  /// An operator of two operands, element by element.
  mutating func lowerBinary(_ node: Node, _ function: BinaryFunction, _ operation: any AlignedBroadcasting) throws(EngineError) -> Bool {
    guard operation.alignsLastAxes, let a = node.inputs[0], let b = node.inputs[1], let y = node.outputs[0], try isFloat(y) else { return false }
    guard try isFloat(a), try isFloat(b) else { return false }
    let shape = try type(y).shape
    if isBlocked(a) || isBlocked(b), try lowerBlocked(a, b, y, shape, function, name: node.name) { return true }
    return try lowerPlain(a, b, y, shape, function, name: node.name)
  }

  // MARK: blocked

  private mutating func lowerBlocked(
    _ a: ValueID, _ b: ValueID, _ y: ValueID, _ shape: [Int], _ function: BinaryFunction, name: String
  ) throws(EngineError) -> Bool {
    guard let result = BlockedShape(tensor: shape) else { return false }
    if try lowerAffine(a, b, y, shape, function, name: name) { return true }
    guard let p = try blockedOperand(a, shape, name), let q = try blockedOperand(b, shape, name) else { return false }
    var layout = result
    for case .rows(.blocked(let view)) in [p, q] { layout = view.shape }
    for case .rows(.blocked(let view)) in [p, q] where view.shape != layout { return false }
    let isRow = { (operand: BinaryStep.Operand) in if case .rows = operand { true } else { false } }
    guard isRow(p) || isRow(q) else { return false }
    let output = newBlocked(layout)
    emit(BinaryStep(name: name, function: function, a: p, b: q, output: .blocked(output)))
    define(y, .blocked(output))
    return true
  }

  /// How an operand meets a blocked result, or nil if it does not.
  private mutating func blockedOperand(_ id: ValueID, _ shape: [Int], _ name: String) throws(EngineError) -> BinaryStep.Operand? {
    if let constant = graph[id].constant {
      guard let values = constant.floats, let layout = BlockedShape(tensor: shape) else { return nil }
      if values.count == 1 { return .scalar(values[0]) }
      return channelValues(constant, shape).map { .channels(layout.perBlock($0)) }
    }
    let own = try type(id).shape
    if own == shape { return .rows(.blocked(try blocked(id))) }
    // One number a channel and image, as gates have it.
    guard own.count == shape.count, Array(own[..<2]) == Array(shape[..<2]), own[2...].allSatisfy({ $0 == 1 }) else { return nil }
    return .imageChannels(copied(try blocked(id), name: name).buffer)
  }

  /// The values of a constant that differ by channel alone.
  private func channelValues(_ constant: Tensor, _ shape: [Int]) -> [Float]? {
    guard constant.shape.count <= shape.count, shape.count >= 2, let values = constant.floats else { return nil }
    let aligned = [Int](repeating: 1, count: shape.count - constant.shape.count) + constant.shape
    guard aligned.indices.allSatisfy({ $0 == 1 || aligned[$0] == 1 }), aligned[1] == shape[1] else { return nil }
    return values
  }

  /// A constant factor or addend a channel becomes part of a pending affine function.
  private mutating func lowerAffine(
    _ a: ValueID, _ b: ValueID, _ y: ValueID, _ shape: [Int], _ function: BinaryFunction, name: String
  ) throws(EngineError) -> Bool {
    let (x, constantID, isLeft) = graph[a].constant == nil ? (a, b, true) : (b, a, false)
    guard let constant = graph[constantID].constant, try type(x).shape == shape, let given = constant.floats else { return false }
    guard let values = given.count == 1 ? [Float](repeating: given[0], count: shape[1]) : channelValues(constant, shape) else { return false }
    let one = values.map { _ in Float(1) }, zero = values.map { _ in Float(0) }
    let scale: [Float], shift: [Float]
    switch (function, isLeft) {
    case (.add, _): (scale, shift) = (one, values)
    case (.sub, true): (scale, shift) = (one, values.map { -$0 })
    case (.sub, false): (scale, shift) = (values.map { _ in -1 }, values)
    case (.mul, _): (scale, shift) = (values, zero)
    case (.div, true): (scale, shift) = (values.map { 1 / $0 }, zero)
    default: return false
    }
    guard (scale + shift).allSatisfy(\.isFinite) else { return false }
    let view: BlockedView, owns: Bool
    if case .normalized(let value)? = place(x) {
      if useCount(x) == 1, compose(value, scale: scale, shift: shift) {
        define(y, .normalized(value))
        return true
      }
      (view, owns) = (try blocked(x), isLastUse(x))
    } else {
      (view, owns) = (try blocked(x), isLastUse(x))
    }
    define(y, .normalized(affine(view, scale: scale, shift: shift, name: name, ownsRaw: owns && !isJoined(view))))
    return true
  }

  /// Applies another affine function after a pending one that has no activation yet.
  private mutating func compose(_ value: Normalized, scale: [Float], shift: [Float]) -> Bool {
    let s = value.raw.shape.perBlock(scale), t = value.raw.shape.perBlock(shift), w = value.raw.shape.width
    guard !scale.contains(0) else { return false }
    func combined(_ old: FloatStorage, _ f: (Int, Float) -> Float) -> FloatStorage {
      FloatStorage(count: old.count) { target in for i in 0..<old.count { target[i] = f(i, old.pointer[i]) } }
    }
    if update(CoefficientsStep.self, writing: value.coefficients, { step in
      guard step.slope == nil else { return false }
      step.gamma = combined(step.gamma) { $1 * s.pointer[$0] }
      step.beta = combined(step.beta) { $1 * s.pointer[$0] + t.pointer[$0] }
      return true
    }) { return true }
    return update(ConstantCoefficientsStep.self, writing: value.coefficients) { step in
      let old = step.coefficients
      guard (0..<old.count).allSatisfy({ $0 / w % Coefficients.rows != 2 || old.pointer[$0] == 1 }) else { return false }
      step.coefficients = combined(old) { i, v in
        let channel = i / (Coefficients.rows * w) * w + i % w, row = i / w % Coefficients.rows
        return row == 0 ? v * s.pointer[channel] : row == 1 ? v * s.pointer[channel] + t.pointer[channel] : v
      }
      return true
    }
  }

  // MARK: row-major

  private mutating func lowerPlain(
    _ a: ValueID, _ b: ValueID, _ y: ValueID, _ shape: [Int], _ function: BinaryFunction, name: String
  ) throws(EngineError) -> Bool {
    let count = shape.reduce(1, *)
    if count == 0 { return false }
    func scalar(_ id: ValueID) -> Float? { graph[id].constant.flatMap { $0.count == 1 ? $0.floats?.first : nil } }
    let sameA = try type(a).shape == shape, sameB = try type(b).shape == shape
    let p: BinaryStep.Operand, q: BinaryStep.Operand
    let output = newPlain(floats: count)
    var target = Rows.plain(output, count: count)
    if (sameA || scalar(a) != nil) && (sameB || scalar(b) != nil) && (sameA || sameB) {
      p = if let value = scalar(a), !sameA { .scalar(value) } else { .rows(.plain(try plain(a), count: count)) }
      q = if let value = scalar(b), !sameB { .scalar(value) } else { .rows(.plain(try plain(b), count: count)) }
    } else {
      let walk = BroadcastRows(shape, try type(a).shape, try type(b).shape)
      guard walk.length >= 8 || walk.rows <= 4096, walk.rows <= 1 << 20 else { return false }
      p = .rows(.gathered(try plain(a), starts: walk.startsA, length: walk.length, isRepeated: walk.repeatsA))
      q = .rows(.gathered(try plain(b), starts: walk.startsB, length: walk.length, isRepeated: walk.repeatsB))
      target = .gathered(output, starts: (0..<walk.rows).map { $0 * walk.length }, length: walk.length, isRepeated: false)
    }
    emit(BinaryStep(name: name, function: function, a: p, b: q, output: target))
    define(y, .plain(output))
    return true
  }

  /// A bias after a matrix product becomes part of it.
  mutating func lowerLinearBias(_ node: Node) throws(EngineError) -> Bool {
    guard let a = node.inputs[0], let b = node.inputs[1], let y = node.outputs[0] else { return false }
    for (product, other) in [(a, b), (b, a)] {
      guard let constant = graph[other].constant, let values = constant.floats, useCount(product) == 1, case .plain(let buffer)? = place(product),
        let columns = try type(product).shape.last, constant.shape.last == columns, constant.count == columns, try type(y).shape == type(product).shape
      else { continue }
      let bias = FloatStorage(values)
      if addInLinear(bias: bias, columns: columns, to: product, y) { return true }
      guard ownedBuffer(product) == buffer else { continue }
      let isSet = update(MatMulStep.self, writing: buffer) { step in
        guard step.bias == nil, step.geometry.columns == columns else { return false }
        step.bias = bias
        return true
      }
      if isSet {
        define(y, .plain(buffer))
        return true
      }
    }
    return false
  }
}

/// A broadcast of two row-major operands as rows: the longest run of last axes along which each operand either runs on or stands still.
struct BroadcastRows {
  let rows: Int
  let length: Int
  let startsA: [Int], startsB: [Int]
  let repeatsA: Bool, repeatsB: Bool

  init(_ shape: [Int], _ a: [Int], _ b: [Int]) {
    func aligned(_ own: [Int]) -> [Int] { [Int](repeating: 1, count: shape.count - own.count) + own }
    let a = aligned(a), b = aligned(b)
    func strides(_ own: [Int]) -> [Int] {
      let full = StridedMap.rowMajor(own)
      return own.indices.map { own[$0] == 1 ? 0 : full[$0] }
    }
    let strideA = strides(a), strideB = strides(b)
    var axis = shape.count, isWholeA: Bool?, isWholeB: Bool?
    while axis > 0 {
      let next = axis - 1
      if shape[next] != 1 {
        let wholeA = a[next] == shape[next], wholeB = b[next] == shape[next]
        if isWholeA ?? wholeA != wholeA || isWholeB ?? wholeB != wholeB { break }
        // One side must run on, or the kernel would have nothing to write by.
        if !wholeA && !wholeB { break }
        (isWholeA, isWholeB) = (wholeA, wholeB)
      }
      axis = next
    }
    length = shape[axis...].reduce(1, *)
    rows = shape[..<axis].reduce(1, *)
    repeatsA = isWholeA == false
    repeatsB = isWholeB == false
    var startsA: [Int] = [], startsB: [Int] = []
    for row in 0..<rows {
      var rest = row, p = 0, q = 0
      for i in (0..<axis).reversed() {
        p += rest % shape[i] * strideA[i]
        q += rest % shape[i] * strideB[i]
        rest /= shape[i]
      }
      startsA.append(p)
      startsB.append(q)
    }
    (self.startsA, self.startsB) = (startsA, startsB)
  }
}
