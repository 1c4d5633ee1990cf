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
  /// - rowStep, voxelStep: from row to row and from voxel to voxel of the plane; nil for those of a plain one.
  func forEachRow(
    ofPlane plane: Int, _ window: PlacedWindow, in shape: VolumeShape, rowStep: Int? = nil, voxelStep: Int = 1, _ body: (WindowRow) -> Void
  ) {
    let z = window.z + (augmentation.flipsZ ? roi.z - 1 - plane : plane)
    let xs = max(0, window.x)..<min(shape.x, window.x + extent.x)
    guard (0..<shape.z).contains(z) else { return }
    let rowStep = rowStep ?? roi.x * voxelStep, (rowStride, columnStride) = augmentation.swapsYX ? (voxelStep, rowStep) : (rowStep, voxelStep)
    let firstColumn = augmentation.flipsX ? extent.x - 1 - (xs.lowerBound - window.x) : xs.lowerBound - window.x
    for y in max(0, window.y)..<min(shape.y, window.y + extent.y) {
      let row = augmentation.flipsY ? extent.y - 1 - (y - window.y) : y - window.y
      body(
        WindowRow(
          z: z, y: y, x: xs, offset: row * rowStride + firstColumn * columnStride,
          stride: augmentation.flipsX ? -columnStride : columnStride))
    }
  }
}
