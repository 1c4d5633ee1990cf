/// One augmentation laid over a volume: where its windows lie in the original frame, and how much each counts there.
struct Orientation: Sendable {
  let augmentation: Augmentation
  /// Windows of the augmented frame.
  let grid: WindowGrid
  /// Size of a window in the augmented frame, as the network sees it, and in the original one.
  let roi: VolumeShape, extent: VolumeShape
  /// One over the windows that hold a voxel, per original axis; a voxel's weight is the product of three.
  private let weights: [[Float]]

  init(_ augmentation: Augmentation, shape: VolumeShape, roi: VolumeShape, overlap: Double) throws(SegmentationError) {
    self.augmentation = augmentation
    self.roi = roi
    extent = augmentation.turned(roi)
    let grid = try WindowGrid(shape: augmentation.turned(shape), roi: roi, overlap: overlap)
    self.grid = grid
    weights = VolumeAxis.allCases.map { axis in
      let weights = grid[augmentation.axis(axis)].coverage.map { 1 / Float($0) }
      return augmentation.flips(axis) ? weights.reversed() : weights
    }
  }

  /// Weights of the voxels along an original axis.
  func weights(_ axis: VolumeAxis) -> [Float] { weights[axis.rawValue] }

  /// Windows along an *original* axis, in the order of the augmented frame.
  func windows(_ axis: VolumeAxis) -> AxisWindows { grid[augmentation.axis(axis)] }

  /// First voxel of window `k` along an original axis; below zero, or its end beyond the volume, where the window hangs over.
  func origin(_ axis: VolumeAxis, _ k: Int) -> Int {
    let windows = windows(axis), start = windows[k] - windows.padBefore
    return augmentation.flips(axis) ? windows.size - windows.roi - start : start
  }
}

/// A window in the original frame: its first voxel along z, y, x, and the orientation (an index) that it is seen in.
struct PlacedWindow: Sendable, Hashable {
  let orientation: Int
  let z: Int, y: Int, x: Int
}

/// A row of a volume that one plane of a window covers, and where its voxels lie in that plane as the network sees it.
struct WindowRow: Sendable {
  let z: Int, y: Int, x: Range<Int>
  /// Number of voxel `x.lowerBound` in the plane, and from one voxel to the next: 1, or -1 or a row for turned windows, times what
  /// neighbours are apart.
  let offset: Int, stride: Int
}

extension Orientation {
  /// Whether a window lies in the volume as a whole.
  func isInside(_ window: PlacedWindow, _ shape: VolumeShape) -> Bool {
    window.z >= 0 && window.y >= 0 && window.x >= 0 && window.z + extent.z <= shape.z && window.y + extent.y <= shape.y
      && window.x + extent.x <= shape.x
  }

  /// The rows of `shape` under plane `plane` (along z, in the augmented frame) of a window; none where it hangs over.
  ///
  /// - rows: of the plane, that of the augmented frame; nil for all. What is given to `body` begins with the first of them.
  /// - rowStep, voxelStep: from row to row and from voxel to voxel of the plane; nil for those of a plain one.
  func forEachRow(
    ofPlane plane: Int, rows: Range<Int>? = nil, _ window: PlacedWindow, in shape: VolumeShape, rowStep: Int? = nil, voxelStep: Int = 1,
    _ body: (WindowRow) -> Void
  ) {
    let z = window.z + (augmentation.flipsZ ? roi.z - 1 - plane : plane)
    guard (0..<shape.z).contains(z) else { return }
    let rows = rows ?? 0..<roi.y, swaps = augmentation.swapsYX
    let (rowsAlongY, rowsAlongX) = swaps ? (0..<roi.x, rows) : (rows, 0..<roi.x)
    let rowStep = rowStep ?? roi.x * voxelStep, (yStep, xStep) = swaps ? (voxelStep, rowStep) : (rowStep, voxelStep)
    let y = Run(rowsAlongY, extent: extent.y, flips: augmentation.flipsY), x = Run(rowsAlongX, extent: extent.x, flips: augmentation.flipsX)
    let xs = x.voxels(from: window.x, in: shape.x), first = x.place(xs.lowerBound - window.x) * xStep
    for voxel in y.voxels(from: window.y, in: shape.y) {
      body(
        WindowRow(
          z: z, y: voxel, x: xs, offset: y.place(voxel - window.y) * yStep + first, stride: augmentation.flipsX ? -xStep : xStep))
    }
  }

  /// Neighbours along one axis of a window, numbered as the network sees them, of which some lie in the volume.
  private struct Run {
    private let numbers: Range<Int>, extent: Int, flips: Bool

    init(_ numbers: Range<Int>, extent: Int, flips: Bool) { (self.numbers, self.extent, self.flips) = (numbers, extent, flips) }

    /// The voxels of a volume of size `size` that they are, if the window begins at `origin`.
    func voxels(from origin: Int, in size: Int) -> Range<Int> {
      let first = origin + (flips ? extent - numbers.upperBound : numbers.lowerBound)
      let start = min(size, max(0, first))
      return start..<max(start, min(size, first + numbers.count))
    }

    /// Number of voxel `i` of the window in the original frame, counted from the first of them.
    func place(_ i: Int) -> Int { (flips ? extent - 1 - i : i) - numbers.lowerBound }
  }
}
