/// A value as another one read with an offset and strides: what is left of nodes that only rearrange.
struct StridedView {
  var source: ValueID
  var shape: [Int]
  var strides: [Int]
  var offset: Int

  /// `id` as a view of itself.
  private init(whole id: ValueID, _ shape: [Int]) {
    (source, self.shape, strides, offset) = (id, shape, rowMajorStrides(shape), 0)
  }

  /// `id` as a view of the earliest value from which Reshape, Transpose, Slice, Split and Gather of one index lead to it.
  init?(_ id: ValueID, _ pattern: Pattern, depth: Int = 16) {
    guard let shape = pattern.shape(id) else { return nil }
    self.init(whole: id, shape)
    guard depth > 0, let (node, position) = pattern.producer(of: id), let x = node.inputs.optional(0), pattern.constant(x) == nil,
      var view = StridedView(x, pattern, depth: depth - 1)
    else { return }
    let operands = pattern.operands(of: node)
    let isView =
      switch node.operation {
      case is Reshape: view.reshape(shape)
      case let transpose as Transpose: view.transpose(transpose)
      case let slice as Slice: view.slice(slice, operands)
      case let split as Split: view.split(split, operands, position)
      case let gather as Gather: view.select(gather, operands)
      default: false
      }
    if isView { self = view }
  }

  private mutating func transpose(_ operation: Transpose) -> Bool {
    guard let order = try? operation.order(rank: shape.count) else { return false }  // types were inferred: it cannot throw
    (shape, strides) = (order.map { shape[$0] }, order.map { strides[$0] })
    return true
  }

  private mutating func slice(_ operation: Slice, _ operands: [Operand?]) -> Bool {
    guard let parts = try? operation.parts(of: shape, operands), !parts.contains(where: { $0.count == 0 }) else { return false }  // as above
    for (axis, part) in parts.enumerated() {
      offset += part.start * strides[axis]
      strides[axis] *= part.step
      shape[axis] = part.count
    }
    return true
  }

  private mutating func split(_ operation: Split, _ operands: [Operand?], _ position: Int) -> Bool {
    guard let lengths = try? operation.lengths(of: shape, operands), let axis = try? normalizedAxis(operation.axis, rank: shape.count) else { return false }
    offset += lengths[..<position].reduce(0, +) * strides[axis]
    shape[axis] = lengths[position]
    return true
  }

  private mutating func select(_ operation: Gather, _ operands: [Operand?]) -> Bool {
    guard let indices = operands.optional(1)?.constant, indices.count == 1, indices.shape.count <= 1, let index = indices.integers?.first,
      let axis = try? normalizedAxis(operation.axis, rank: shape.count), let place = try? normalizedIndex(index, length: shape[axis])
    else { return false }
    offset += place * strides[axis]
    if indices.shape.isEmpty {
      shape.remove(at: axis)
      strides.remove(at: axis)
    } else {
      shape[axis] = 1
    }
    return true
  }

  /// Takes another shape where no element has to move for it.
  mutating func reshape(_ target: [Int]) -> Bool {
    let axes = shape.indices.filter { shape[$0] != 1 }
    var newStrides = [Int](repeating: 0, count: target.count), from = 0, to = 0
    while from < axes.count || to < target.count {
      if to < target.count, target[to] == 1 { to += 1; continue }
      guard from < axes.count, to < target.count else { return false }
      // The smallest groups of old and new axes with equally many elements.
      var oldEnd = from + 1, newEnd = to + 1, old = shape[axes[from]], new = target[to]
      while old != new {
        if old < new {
          guard oldEnd < axes.count, strides[axes[oldEnd - 1]] == strides[axes[oldEnd]] * shape[axes[oldEnd]] else { return false }
          old *= shape[axes[oldEnd]]
          oldEnd += 1
        } else {
          guard newEnd < target.count else { return false }
          new *= target[newEnd]
          newEnd += 1
        }
      }
      // Also where the groups were equal from the start, old axes beyond the first must follow each other evenly: checked above.
      var stride = strides[axes[oldEnd - 1]]
      for axis in (to..<newEnd).reversed() {
        newStrides[axis] = stride
        stride *= target[axis]
      }
      (from, to) = (oldEnd, newEnd)
    }
    (shape, strides) = (target, newStrides)
    return true
  }

  /// The last two axes exchanged.
  var swapped: StridedView {
    var result = self
    result.shape.swapAt(shape.count - 2, shape.count - 1)
    result.strides.swapAt(shape.count - 2, shape.count - 1)
    return result
  }

  /// A view of four axes as attention takes it.
  var view: StridedAttention.View {
    StridedAttention.View(offset: offset, batch: strides[0], head: strides[1], token: strides[2], feature: strides[3])
  }
}
