/// How the grid of a tomogram and that of a model, whose voxels are larger or smaller, lie over each other: both cover the same box, voxel
/// centres are half a voxel inside.
struct Rescaling: Sendable, Hashable {
  /// Voxels of the tomogram, and of the model's grid.
  let tomogram: VolumeShape, model: VolumeShape
  /// The model's edge of a voxel over the tomogram's.
  let ratio: Double

  /// - Returns: nil where the spacings are the same to one per cent: nothing is to be done.
  init?(_ shape: VolumeShape, _ spacing: VoxelSpacing, to model: VoxelSpacing) {
    ratio = model.angstrom / spacing.angstrom
    guard ratio.isFinite, ratio > 1e-3, ratio < 1e3, abs(ratio - 1) > 0.01 else { return nil }
    let size = { [ratio] (voxels: Int) in max(1, Int((Double(voxels) / ratio).rounded())) }
    tomogram = shape
    self.model = VolumeShape(z: size(shape.z), y: size(shape.y), x: size(shape.x))
  }

  /// For each voxel of the tomogram along an axis, the voxel of the model's grid that holds its centre.
  func nearest(_ axis: VolumeAxis) -> [Int] {
    (0..<tomogram[axis]).map { min(model[axis] - 1, Int((Double($0) + 0.5) / ratio)) }
  }

  /// For voxels of the model's grid along an axis, the voxels of the tomogram that they are made of.
  func taps(_ axis: VolumeAxis, _ range: Range<Int>) -> ResamplingTaps { ResamplingTaps(range, of: tomogram[axis], ratio: ratio) }
}

/// Weights of linear interpolation along one axis. Where the grid becomes coarser the triangle is as wide as the coarser voxel, so that no
/// voxel is left out and noise is averaged; beyond the border weights are shared among those inside.
struct ResamplingTaps: Sendable {
  /// First source voxel and weights of each target voxel.
  let taps: [(first: Int, weights: [Float])]
  /// All source voxels that are needed.
  let source: Range<Int>

  init(_ range: Range<Int>, of size: Int, ratio: Double) {
    let width = max(1, ratio)
    var source: Range<Int>?
    taps = range.map { target in
      let centre = (Double(target) + 0.5) * ratio - 0.5
      // The nearest voxel is less than half a voxel away from the centre, or from the border behind which the centre lies.
      let first = min(size - 1, max(0, Int((centre - width).rounded(.down)) + 1)), end = min(size, Int((centre + width).rounded(.up)))
      let weights = (first..<max(end, first + 1)).map { max(0, 1 - abs(Double($0) - centre) / width) }
      let sum = weights.reduce(0, +), touched = first..<first + weights.count
      source = source.map { min($0.lowerBound, touched.lowerBound)..<max($0.upperBound, touched.upperBound) } ?? touched
      return (first, weights.map { Float($0 / sum) })
    }
    self.source = source ?? 0..<0
  }
}
