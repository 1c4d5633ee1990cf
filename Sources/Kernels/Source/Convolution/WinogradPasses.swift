import CVector
import KernelTable

/// The input transform of a row of tiles with `P` outputs along z and y and `X` along x, `C` channels, line by line. Constants, so that what is
/// between the loads and stores of a voxel stays in registers and addresses are sums.
///
/// Each pass reads and writes as many lines side by side as it has samples, from end to end: few enough that hardware fetches them ahead. Where a
/// line of memory is several vectors, they follow each other.
enum InputPasses<let P: Int, let X: Int, let C: Int, V: FloatVector> {
  private typealias Plane = LinePass<P, V>

  /// z of all voxels that the tiles read, normalised, then y in place.
  @inline(__always)
  static func input(_ width: Int, _ row: UnsafePointer<WinogradInputRow>) {
    let n = P + 2, step = row.pointee.lineStride, columns = X * row.pointee.count + 2, lines = row.pointee.lines
    for j in 0..<n {
      let x = row.pointee.x + j * row.pointee.sy
      if let coefficients = row.pointee.coefficients {
        pass(columns, x, width, row.pointee.sz, lines + j * step, n * step) { lane, value in
          let scale = V(loading: coefficients + lane), shift = V(loading: coefficients + width + lane)
          let slope = V(loading: coefficients + 2 * width + lane), mean = V(loading: coefficients + 3 * width + lane)
          return V.prelu(V.fma(shift, V.sub(value, mean), scale), slope)
        }
      } else {
        pass(columns, x, width, row.pointee.sz, lines + j * step, n * step) { $1 }
      }
    }
    for z in 0..<n { pass(columns, Floats(lines + z * n * step), C, step, lines + z * n * step, step) { $1 } }
  }

  /// One pass over rows `from` apart, whose voxels are `width` apart, to lines `to` apart, which may be the same.
  @inline(__always)
  private static func pass(
    _ columns: Int, _ x: Floats, _ width: Int, _ from: Int, _ lines: MutableFloats, _ to: Int, _ normed: (_ lane: Int, V) -> V
  ) {
    var p = x, q = lines
    for _ in 0..<columns {
      for lane in stride(from: 0, to: C, by: V.lanes) {
        Plane.input({ normed(lane, V(loading: p + $0 * from + lane)) }) { $1.stored(at: q + $0 * to + lane) }
      }
      p += width
      q += C
    }
  }
}

/// The output transform of a row of tiles, the counterpart of `InputPasses`.
enum OutputPasses<let P: Int, let C: Int, V: FloatVector> {
  private typealias Plane = LinePass<P, V>

  /// z of all voxels in place, then y with the epilogue.
  @inline(__always)
  static func output(_ width: Int, _ row: UnsafePointer<WinogradOutputRow>) {
    let n = P + 2, step = row.pointee.lineStride
    for j in 0..<n {
      var p = row.pointee.lines + j * step
      for _ in 0..<row.pointee.epilogue.countX {
        for lane in stride(from: 0, to: C, by: V.lanes) {
          Plane.output({ V(loading: p + $0 * n * step + lane) }) { $1.stored(at: p + $0 * n * step + lane) }
        }
        p += C
      }
    }
    for z in 0..<row.pointee.epilogue.countZ {
      let lines = Floats(row.pointee.lines + z * n * step)
      finishRows(InlineArray<P, InlineArray<C, V>>.self, width, row.pointee.epilogue, z) { place, put in
        Plane.output({ V(loading: lines + $0 * step + place) }, put)
      }
    }
  }
}

/// The transforms along x of one line of tiles with `X` outputs.
enum LinesAlongX<let X: Int, let C: Int, V: FloatVector> {
  private typealias Row = LinePass<X, V>

  /// From voxels to points, or back.
  @inline(__always)
  static func transform(toPoints: Bool, _ width: Int, _ line: UnsafePointer<WinogradLine>) {
    let pointStride = line.pointee.pointStride
    var columns = line.pointee.line, points = line.pointee.points
    for _ in 0..<line.pointee.count {
      for lane in stride(from: 0, to: C, by: V.lanes) {
        if toPoints {
          Row.input({ V(loading: columns + $0 * C + lane) }) { $1.stored(at: points + $0 * pointStride + lane) }
        } else {
          Row.output({ V(loading: points + $0 * pointStride + lane) }) { $1.stored(at: columns + $0 * C + lane) }
        }
      }
      columns += X * C
      points += width
    }
  }
}
