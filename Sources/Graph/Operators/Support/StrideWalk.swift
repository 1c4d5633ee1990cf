/// Visits all elements of a shape row by row, and says where each of several operands stands; strides may be zero (broadcast) or negative.
///
/// Neighbouring axes over which every operand moves evenly become one, so that rows are as long as they can be.
struct StrideWalk {
  /// Elements of a row and, for each operand, how far apart they lie.
  let rowLength: Int
  let rowStrides: [Int]
  private let outerShape: [Int]
  private let outerStrides: [[Int]]
  private let isEmpty: Bool

  /// `strides[operand][axis]`, in elements.
  init(_ shape: [Int], strides: [[Int]]) {
    var lengths: [Int] = []
    var steps = [[Int]](repeating: [], count: strides.count)
    for (axis, length) in shape.enumerated() where length != 1 {
      if let last = lengths.last, strides.indices.allSatisfy({ steps[$0][lengths.count - 1] == strides[$0][axis] * length }) {
        lengths[lengths.count - 1] = last * length
        for operand in strides.indices { steps[operand][lengths.count - 1] = strides[operand][axis] }
      } else {
        lengths.append(length)
        for operand in strides.indices { steps[operand].append(strides[operand][axis]) }
      }
    }
    isEmpty = shape.contains(0)
    rowLength = lengths.last ?? 1
    rowStrides = steps.map { $0.last ?? 0 }
    outerShape = lengths.dropLast()
    outerStrides = steps.map { $0.dropLast() }
  }

  /// Calls `body` with the offset of every row in each operand, rows in row-major order.
  @inline(__always)
  func forEachRow(_ body: (_ offsets: [Int]) -> Void) {
    if isEmpty { return }
    var index = [Int](repeating: 0, count: outerShape.count)
    var offsets = [Int](repeating: 0, count: rowStrides.count)
    while true {
      body(offsets)
      var axis = outerShape.count - 1
      while axis >= 0 {
        index[axis] += 1
        for operand in offsets.indices { offsets[operand] += outerStrides[operand][axis] }
        if index[axis] < outerShape[axis] { break }
        for operand in offsets.indices { offsets[operand] -= outerStrides[operand][axis] * outerShape[axis] }
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}

/// Elements between neighbours along each axis of a dense row-major tensor.
func rowMajorStrides(_ shape: [Int]) -> [Int] {
  var strides = [Int](repeating: 1, count: shape.count)
  for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
  return strides
}

/// Strides with which a tensor of `shape` is read as if it had shape `target`: NumPy's broadcasting, axes aligned at the right.
func broadcastStrides(_ shape: [Int], to target: [Int]) -> [Int] {
  let strides = rowMajorStrides(shape), missing = target.count - shape.count
  return target.indices.map { axis in axis < missing || shape[axis - missing] == 1 ? 0 : strides[axis - missing] }
}

/// The shape to which all `shapes` broadcast. Throws where two lengths other than one differ.
func broadcastShape(_ shapes: [[Int]]) throws(GraphError) -> [Int] {
  var result: [Int] = []
  for shape in shapes {
    if shape.count > result.count { result = [Int](repeating: 1, count: shape.count - result.count) + result }
    for (axis, length) in zip(result.indices.suffix(shape.count), shape) where length != 1 {
      guard result[axis] == 1 || result[axis] == length else {
        throw .shape(place: "", reason: "shapes \(shapes.map { "\($0)" }.joined(separator: " and ")) do not broadcast")
      }
      result[axis] = length
    }
  }
  return result
}
