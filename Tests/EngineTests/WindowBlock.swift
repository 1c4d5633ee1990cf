import Graph

extension NetworkBuilder {
  /// A block of a window transformer on `[1, 5, 4, 8]`: two heads on windows of 2 x 2, the volume padded to 6 rows and rolled by one.
  mutating func windowBlock(_ x: ValueID) throws -> ValueID {
    var y = try node("Pad", [layerNorm(x), integers([0, 0, 0, 0, 0, 1, 0, 0])])
    y = try exchanged(roll(y, by: 1), from: [1, 3, 2, 2, 2, 8], to: [6, 4, 8])
    y = try affine(y, 8, 24)
    let packed = try node("Transpose", [node("Reshape", [y, integers([6, 4, 3, 2, 4])])], ["perm": .ints([2, 0, 3, 1, 4])])
    var parts: [ValueID] = []
    for index in 0..<3 { parts.append(try node("Squeeze", [node("Gather", [packed, integers([index])]), integers([0])])) }
    let keys = try node("Transpose", [parts[1]], ["perm": .ints([0, 1, 3, 2])])
    var scores = try node("Add", [node("MatMul", [node("Mul", [parts[0], floats([0.5])]), keys]), constant([2, 4, 4])])
    scores = try node("Add", [node("Reshape", [scores, integers([1, 6, 2, 4, 4])]), mask(windows: 6, tokens: 4)])
    scores = try node("Softmax", [node("Reshape", [scores, integers([6, 2, 4, 4])])], ["axis": .int(-1)])
    y = try node("Transpose", [node("MatMul", [scores, parts[2]])], ["perm": .ints([0, 2, 1, 3])])
    y = try affine(node("Reshape", [y, integers([6, 4, 8])]), 8, 8)
    y = try roll(exchanged(y, from: [1, 3, 2, 2, 2, 8], to: [1, 6, 4, 8]), by: -1)
    y = try node("Add", [x, node("Slice", [y, integers([0]), integers([5]), integers([1])])])
    return try node("Add", [y, affine(node("Gelu", [affine(layerNorm(y), 8, 16)], opset: 20), 16, 8)])
  }

  private mutating func layerNorm(_ x: ValueID) throws -> ValueID { try node("LayerNormalization", [x, constant([8]), constant([8])]) }

  private mutating func affine(_ x: ValueID, _ inputs: Int, _ outputs: Int) throws -> ValueID {
    try node("Add", [node("MatMul", [x, constant([inputs, outputs], scale: 0.4)]), constant([outputs])])
  }

  private mutating func roll(_ x: ValueID, by shift: Int) throws -> ValueID {
    let last = try node("Slice", [x, integers([shift]), integers([1 << 31]), integers([1])])
    let first = try node("Slice", [x, integers([0]), integers([shift]), integers([1])])
    return try node("Concat", [last, first], ["axis": .int(1)])
  }

  /// Axes 2 and 3 of x seen as `shape` exchanged, then seen as `result`.
  private mutating func exchanged(_ x: ValueID, from shape: [Int], to result: [Int]) throws -> ValueID {
    let split = try node("Transpose", [node("Reshape", [x, integers(shape)])], ["perm": .ints([0, 1, 3, 2, 4, 5])])
    return try node("Reshape", [split, integers(result)])
  }

  /// -100 between tokens of different regions: one, two or three regions a window.
  private mutating func mask(windows: Int, tokens: Int) -> ValueID {
    var values: [Float] = []
    for w in 0..<windows { for i in 0..<tokens { for j in 0..<tokens { values.append(i * (w % 3 + 1) / tokens == j * (w % 3 + 1) / tokens ? 0 : -100) } } }
    return add(Tensor(TensorType(.float32, [1, windows, 1, tokens, tokens]), .floats(values)))
  }
}
