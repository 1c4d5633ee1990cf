import Kernels

/// A tomogram on disk, or wherever it lies, as the job reads it: box by box, in its stored type.
public protocol VolumeSource {
  /// How messages call it.
  var name: String { get }
  var shape: VolumeShape { get }
  /// Type of every block that `read` gives.
  var element: VoxelElement { get }
  /// A box of this size, or of whole multiples of it, is best read at once: a chunk, or a layer of them.
  var preferredBox: VolumeShape { get }
  /// Memory that `read` holds besides its block: decoded chunks.
  var scratchBytes: Int { get }

  /// The voxels of a box inside of the volume.
  mutating func read(_ box: VolumeBox) throws -> VoxelBlock
}

/// A volume that is in memory.
extension Volume: VolumeSource where Element == Float {
  public var name: String { "volume" }
  public var element: VoxelElement { .float32 }
  public var preferredBox: VolumeShape { VolumeShape(z: 1, y: shape.y, x: shape.x) }
  public var scratchBytes: Int { 0 }

  public func read(_ box: VolumeBox) -> VoxelBlock {
    var block: [Float] = []
    block.reserveCapacity(box.shape.count)
    for z in box.z {
      for y in box.y {
        let row = (z * shape.y + y) * shape.x
        block += voxels[row + box.x.lowerBound..<row + box.x.upperBound]
      }
    }
    return .float32(block)
  }
}

extension VolumeSource {
  /// Reads the whole volume into `store`, which keeps all of it, box by box, and returns the moments of all voxels.
  ///
  /// - Throws: `SegmentationError.notFinite` with the first voxel that is NaN or infinite.
  mutating func load(into store: VoxelStore, on pool: ThreadPool) throws -> Moments {
    for box in VolumeBox(shape).tiles(of: preferredBox) { try store.put(read(box), box, on: pool) }
    var moments = Moments()
    try merge(store.rowMoments(on: pool), of: VolumeBox(shape), into: &moments) { store.value($0) }
    return moments
  }

  /// As `load`, but keeps nothing: reads `planes` planes along z at a time.
  mutating func scan(planes: Int, on pool: ThreadPool) throws -> Moments {
    var moments = Moments()
    for box in VolumeBox(shape).tiles(of: shape.with(.z, planes)) {
      let block = try read(box)
      guard block.element == element, block.count == box.shape.count else { throw SegmentationError.wrongBlock(box, element: block.element, voxels: block.count) }
      try merge(block.withBytes { element.rowMoments($0, length: shape.x, on: pool) }, of: box, into: &moments) { block.value($0) }
    }
    return moments
  }

  /// Adds the moments of all rows of `box`, which has whole planes along z. Rows make planes, planes make the volume: the same voxels give
  /// the same bits, however they were read.
  private func merge(_ rows: [Moments], of box: VolumeBox, into volume: inout Moments, value: (Int) -> Float) throws(SegmentationError) {
    let size = box.shape
    var plane = Moments()
    for (row, moments) in rows.enumerated() {
      guard moments.mean.isFinite else {
        let x = (0..<size.x).first { !value(row * size.x + $0).isFinite } ?? 0
        throw .notFinite(
          tomogram: name, value: value(row * size.x + x), z: box.z.lowerBound + row / size.y, y: box.y.lowerBound + row % size.y, x: x)
      }
      plane.merge(moments)
      if row % size.y == size.y - 1 {
        volume.merge(plane)
        plane = Moments()
      }
    }
  }
}
