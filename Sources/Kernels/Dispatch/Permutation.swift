/// A transposition of a dense plain tensor, cut into tasks of matrices that `LayoutKernels.copyMatrix` handles fast.
///
/// Axes that stay neighbours in the same order are one axis here. The columns of the matrices are the last axis of the result; their rows
/// are the last axis of the source, or, where that is the same, the axis before it.
public struct Permutation: Sendable {
  private struct Axis {
    var size: Int, x: Int, y: Int
  }

  private var outer: [Axis]
  private var rows: Axis, columns: Axis
  private let rowsPerTask: Int

  /// Axis i of the result is axis `order[i]` of the source, which has `shape`; `order` is a permutation of its axes.
  public init(shape: [Int], order: [Int]) {
    var strides = [Int](repeating: 1, count: shape.count), resultStrides = strides
    for axis in (0..<shape.count).dropLast().reversed() {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
      resultStrides[axis] = resultStrides[axis + 1] * shape[order[axis + 1]]
    }
    var axes: [Axis] = []
    for (i, axis) in order.enumerated() where shape[axis] != 1 {
      if let last = axes.last, last.x == strides[axis] * shape[axis] {
        axes[axes.count - 1] = Axis(size: last.size * shape[axis], x: strides[axis], y: resultStrides[i])
      } else {
        axes.append(Axis(size: shape[axis], x: strides[axis], y: resultStrides[i]))
      }
    }
    columns = axes.popLast() ?? Axis(size: 1, x: 1, y: 1)
    let inner = columns.x == 1 ? axes.indices.last : axes.firstIndex { $0.x == 1 }
    rows = inner.map { axes.remove(at: $0) } ?? Axis(size: 1, x: 0, y: 0)
    outer = axes
    // Some 64 KiB a task, and whole tiles.
    rowsPerTask = max(16, (16_384 / max(1, columns.size) + 15) / 16 * 16)
  }

  private var tasksPerMatrix: Int { (rows.size + rowsPerTask - 1) / rowsPerTask }

  /// They write different parts of the result.
  public var tasks: Int { outer.reduce(tasksPerMatrix) { $0 * $1.size } * (columns.size == 0 ? 0 : 1) }

  /// x: the source, y: the result, both whole; no overlap.
  public func run(_ task: Int, _ kernels: LayoutKernels, _ x: Floats, _ y: MutableFloats) {
    var matrix = task / tasksPerMatrix, x = x, y = y
    for axis in outer.reversed() {
      x += matrix % axis.size * axis.x
      y += matrix % axis.size * axis.y
      matrix /= axis.size
    }
    let first = task % tasksPerMatrix * rowsPerTask
    kernels.copyMatrix(
      min(rowsPerTask, rows.size - first), columns.size, x + first * rows.x, rows.x, columns.x, y + first * rows.y, rows.y, columns.y)
  }
}
