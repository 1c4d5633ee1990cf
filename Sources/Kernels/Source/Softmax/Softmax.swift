import KernelTable

/// Softmax along each of `rows` rows of `count` floats, `xRow` and `yRow` apart; `y` may be `x`.
@inline(never)
func softmaxRows(_ rows: Int, _ count: Int, _ x: Floats, _ xRow: Int, _ y: MutableFloats, _ yRow: Int) {
  for row in 0..<rows {
    let x = RowVectors(count, x + row * xRow), y = y + row * yRow, stored = RowVectors(count, Floats(y))
    x.line.softmax(load: { x[$0] }, stored: { stored[$0] }, store: { $1.stored(at: y + $0 * Vector.lanes, x.lanes($0)) })
  }
}

/// As `softmaxRows`, logarithms of it.
@inline(never)
func logSoftmaxRows(_ rows: Int, _ count: Int, _ x: Floats, _ xRow: Int, _ y: MutableFloats, _ yRow: Int) {
  for row in 0..<rows {
    let x = RowVectors(count, x + row * xRow), y = y + row * yRow
    x.line.logSoftmax(load: { x[$0] }, store: { $1.stored(at: y + $0 * Vector.lanes, x.lanes($0)) })
  }
}

/// Softmax along an axis that is not the last: over i, for each of `columns` neighbours, of `x[i * xStep + column]` with i below `count`;
/// `y` may be `x`.
@inline(never)
func softmaxColumns(_ count: Int, _ columns: Int, _ x: Floats, _ xStep: Int, _ y: MutableFloats, _ yStep: Int) {
  let line = SoftmaxLine<Vector>(count: count, acrossLanes: false)
  forEachVector(columns) { column, lanes in
    let x = x + column, y = y + column
    line.softmax(
      load: { Vector(loading: x + $0 * xStep, lanes) }, stored: { Vector(loading: Floats(y) + $0 * yStep, lanes) },
      store: { $1.stored(at: y + $0 * yStep, lanes) })
  }
}

/// As `softmaxColumns`, logarithms of it.
@inline(never)
func logSoftmaxColumns(_ count: Int, _ columns: Int, _ x: Floats, _ xStep: Int, _ y: MutableFloats, _ yStep: Int) {
  let line = SoftmaxLine<Vector>(count: count, acrossLanes: false)
  forEachVector(columns) { column, lanes in
    let x = x + column, y = y + column
    line.logSoftmax(load: { Vector(loading: x + $0 * xStep, lanes) }, store: { $1.stored(at: y + $0 * yStep, lanes) })
  }
}

/// Softmax over the channels of each of `count` blocked voxels: `x[block * xBlock + voxel * width + lane]`, `channels` of them in all;
/// lanes that are no channel may hold anything and become what they may. `y` may be `x`.
@inline(never)
func softmaxVoxels(_ width: Int, _ channels: Int, _ count: Int, _ x: Floats, _ xBlock: Int, _ y: MutableFloats, _ yBlock: Int) {
  if width == 16 {
    VoxelVectors<Vector>.softmax(16, channels, count, x, xBlock, y, yBlock)
  } else {
    VoxelVectors<ShortVector>.softmax(8, channels, count, x, xBlock, y, yBlock)
  }
}

/// As `softmaxVoxels`, logarithms of it.
@inline(never)
func logSoftmaxVoxels(_ width: Int, _ channels: Int, _ count: Int, _ x: Floats, _ xBlock: Int, _ y: MutableFloats, _ yBlock: Int) {
  if width == 16 {
    VoxelVectors<Vector>.logSoftmax(16, channels, count, x, xBlock, y, yBlock)
  } else {
    VoxelVectors<ShortVector>.logSoftmax(8, channels, count, x, xBlock, y, yBlock)
  }
}

/// A row of floats as vectors, the last one filled up with -infinity.
struct RowVectors {
  let count: Int, x: Floats

  @inline(__always)
  init(_ count: Int, _ x: Floats) {
    self.count = count
    self.x = x
  }

  @inline(__always) var line: SoftmaxLine<Vector> { SoftmaxLine(count: (count + Vector.lanes - 1) / Vector.lanes, acrossLanes: true) }
  @inline(__always) func lanes(_ i: Int) -> Int { count - i * Vector.lanes }
  @inline(__always) subscript(i: Int) -> Vector { Vector(loading: x + i * Vector.lanes, lanes(i), filling: -.infinity) }
}

/// The channels of one voxel as vectors; lanes that are no channel read as -infinity.
private struct VoxelVectors<V: FloatVector> {
  let channels: Int, x: Floats, geometry: Geometry

  /// Where vector i of a voxel lies in a tensor.
  struct Geometry {
    let parts: Int, width: Int, block: Int
    @inline(__always) func offset(_ i: Int) -> Int { i / parts * block + i % parts * V.lanes }
  }

  @inline(__always) var line: SoftmaxLine<V> { SoftmaxLine(count: (channels + V.lanes - 1) / V.lanes, acrossLanes: true) }

  @inline(__always)
  subscript(i: Int) -> V {
    V.less(V.laneNumbers, V(repeating: Float(channels - i * V.lanes)), V(loading: x + geometry.offset(i)), V(repeating: -.infinity))
  }

  @inline(__always)
  static func softmax(_ width: Int, _ channels: Int, _ count: Int, _ x: Floats, _ xBlock: Int, _ y: MutableFloats, _ yBlock: Int) {
    let xs = Geometry(parts: width / V.lanes, width: width, block: xBlock), ys = Geometry(parts: width / V.lanes, width: width, block: yBlock)
    for v in 0..<count {
      let x = VoxelVectors(channels: channels, x: x + v * width, geometry: xs), y = y + v * width
      x.line.softmax(load: { x[$0] }, stored: { V(loading: Floats(y) + ys.offset($0)) }, store: { $1.stored(at: y + ys.offset($0)) })
    }
  }

  @inline(__always)
  static func logSoftmax(_ width: Int, _ channels: Int, _ count: Int, _ x: Floats, _ xBlock: Int, _ y: MutableFloats, _ yBlock: Int) {
    let xs = Geometry(parts: width / V.lanes, width: width, block: xBlock), ys = Geometry(parts: width / V.lanes, width: width, block: yBlock)
    for v in 0..<count {
      let x = VoxelVectors(channels: channels, x: x + v * width, geometry: xs), y = y + v * width
      x.line.logSoftmax(load: { x[$0] }, store: { $1.stored(at: y + ys.offset($0)) })
    }
  }
}
