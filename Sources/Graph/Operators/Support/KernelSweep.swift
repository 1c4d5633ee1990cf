/// All meetings of a kernel's taps with a grid, one row of the innermost axis at a time.
///
/// A kernel stands at each of the `moving` positions; its tap k then meets position `m * stride + k * dilation - padsBegin` of the `fixed`
/// grid. Meetings outside the grid do not occur. A convolution moves over its output and meets its input, a transposed one the other way.
struct KernelSweep {
  /// A run of meetings: positions `moving + u` with `fixed + u * stride` for `u` in `0..<count`, flat indices into both grids.
  struct Row {
    let tap: Int
    let moving: Int
    let fixed: Int
    let count: Int
    let stride: Int
  }

  private let moving: [Int]
  private let fixed: [Int]
  private let strides: [Int]
  private let taps: [[Tap]]

  /// Lists have one entry for each of one to three axes.
  init(moving: [Int], fixed: [Int], kernel: [Int], strides: [Int], dilations: [Int], padsBegin: [Int]) {
    self.moving = Self.lifted(moving, with: 1)
    self.fixed = Self.lifted(fixed, with: 1)
    self.strides = Self.lifted(strides, with: 1)
    let missing = [[Tap]](repeating: [Tap(index: 0, moving: 1, stride: 1, offset: 0, fixed: 1)], count: 3 - kernel.count)
    taps = missing + kernel.indices.map { axis in
      (0..<kernel[axis]).map {
        Tap(index: $0, moving: moving[axis], stride: strides[axis], offset: $0 * dilations[axis] - padsBegin[axis], fixed: fixed[axis])
      }
    }
  }

  /// Three axes for any number up to three: leading ones are added, so that loops are written once.
  private static func lifted(_ list: [Int], with filler: Int) -> [Int] { [Int](repeating: filler, count: 3 - list.count) + list }

  /// Calls `body` for every row, taps in row-major order and for each tap the positions in row-major order.
  @inline(__always)
  func forEachRow(_ body: (Row) -> Void) {
    for tz in taps[0] where !tz.moving.isEmpty {
      for ty in taps[1] where !ty.moving.isEmpty {
        for tx in taps[2] where !tx.moving.isEmpty {
          let tap = (tz.index * taps[1].count + ty.index) * taps[2].count + tx.index
          for z in tz.moving {
            let plane = (tz.first + (z - tz.moving.lowerBound) * strides[0]) * fixed[1]
            for y in ty.moving {
              let line = (plane + ty.first + (y - ty.moving.lowerBound) * strides[1]) * fixed[2]
              body(
                Row(
                  tap: tap, moving: (z * moving[1] + y) * moving[2] + tx.moving.lowerBound, fixed: line + tx.first, count: tx.moving.count,
                  stride: strides[2]))
            }
          }
        }
      }
    }
  }

  /// One tap along one axis: the kernel positions at which it meets the grid, and what it meets first.
  private struct Tap {
    let index: Int
    let moving: Range<Int>
    let first: Int

    init(index: Int, moving: Int, stride: Int, offset: Int, fixed: Int) {
      let low = offset >= 0 ? 0 : (stride - 1 - offset) / stride
      let high = fixed > offset ? min(moving, (fixed - 1 - offset) / stride + 1) : 0
      self.index = index
      self.moving = low..<max(low, high)
      first = low * stride + offset
    }
  }
}
