import Kernels

/// The voxels of a tomogram that windows are cut from, in their stored type: all of them, or a ring of planes.
protocol VoxelStore: Sendable {
  var layout: RingLayout { get }
  /// Takes the voxels of `box` from `block`. What the ring kept in their places is gone.
  func put(_ block: VoxelBlock, _ box: VolumeBox, on pool: ThreadPool) throws(SegmentationError)
  /// Normalises the voxels of a kept row and writes them to `window[base + row.offset]` and on, at the row's stride.
  func cut(_ row: WindowRow, _ normalization: Normalization, into window: inout MutableSpan<Float>, base: Int)
  /// Moments of a kept row.
  func moments(_ row: WindowRow) -> Moments
  /// Moments of all rows that are kept, in the order of memory.
  func rowMoments(on pool: ThreadPool) -> [Moments]
  /// A voxel by its place in memory.
  func value(_ index: Int) -> Float
}

extension VoxelElement {
  /// An empty store of this type.
  func store(_ layout: RingLayout, _ kernels: RowKernels) -> any VoxelStore {
    switch self {
    case .int8: TypedStore<Int8>(layout, kernels)
    case .uint8: TypedStore<UInt8>(layout, kernels)
    case .int16: TypedStore<Int16>(layout, kernels)
    case .uint16: TypedStore<UInt16>(layout, kernels)
    case .float16: TypedStore<Half>(layout, kernels)
    case .float32: TypedStore<Float>(layout, kernels)
    }
  }
}

/// One loop for every type.
private final class TypedStore<Element: StoredVoxel>: VoxelStore {
  let layout: RingLayout
  private let voxels: SharedBuffer<Element>
  private let normalize: RowKernels.Normalizer<Element>

  init(_ layout: RingLayout, _ kernels: RowKernels) {
    self.layout = layout
    normalize = kernels.normalizer(of: Element.self)
    voxels = SharedBuffer(repeating: .zero, count: layout.count)
  }

  func put(_ block: VoxelBlock, _ box: VolumeBox, on pool: ThreadPool) throws(SegmentationError) {
    let size = box.shape
    guard let values = Element.voxels(block), values.count == size.count else {
      throw .wrongBlock(box, element: block.element, voxels: block.count)
    }
    pool.runRows(size.z * size.y, length: size.x) { rows in
      for row in rows {
        let source = values.span.extracting(row * size.x..<(row + 1) * size.x)
        layout.forEachStretch(z: box.z.lowerBound + row / size.y, y: box.y.lowerBound + row % size.y, x: box.x) { offset, x in
          let from = x.lowerBound - box.x.lowerBound
          voxels.write(offset..<offset + x.count) { kept in for i in kept.indices { kept[i] = source[from + i] } }
        }
      }
    }
  }

  func cut(_ row: WindowRow, _ normalization: Normalization, into window: inout MutableSpan<Float>, base: Int) {
    layout.forEachStretch(z: row.z, y: row.y, x: row.x) { offset, x in
      let first = base + row.offset + (x.lowerBound - row.x.lowerBound) * row.stride
      voxels.read(offset..<offset + x.count) { normalize($0, normalization, into: &window, first: first, step: row.stride) }
    }
  }

  func moments(_ row: WindowRow) -> Moments {
    var moments = Moments()
    layout.forEachStretch(z: row.z, y: row.y, x: row.x) { offset, x in
      voxels.read(offset..<offset + x.count) { moments.merge(Moments($0)) }
    }
    return moments
  }

  func rowMoments(on pool: ThreadPool) -> [Moments] {
    voxels.read(0..<voxels.count) { Moments.rows(of: $0, length: layout.kept.x, on: pool) }
  }

  func value(_ index: Int) -> Float { voxels.read(index..<index + 1) { $0[0].float } }
}
