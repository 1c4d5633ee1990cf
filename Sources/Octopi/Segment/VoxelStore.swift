import Kernels

/// The voxels of a tomogram that windows are cut from, in their stored type: all of them, or a ring of planes.
final class VoxelStore: Sendable {
  let layout: RingLayout
  private let element: VoxelElement
  private let normalize: RowKernels.Normalizer
  private let kernels: RowKernels
  private let bytes: SharedBuffer<UInt8>

  init(_ element: VoxelElement, _ layout: RingLayout, _ kernels: RowKernels) throws(SegmentationError) {
    self.element = element
    self.layout = layout
    (normalize, self.kernels) = (kernels.normalizer(of: element), kernels)
    bytes = try SharedBuffer(mapping: layout.count * element.bytes)
  }

  /// Takes the voxels of `box` from `block`. What the ring kept in their places is gone.
  func put(_ block: VoxelBlock, _ box: VolumeBox, on pool: ThreadPool) throws(SegmentationError) {
    let size = box.shape, rowBytes = size.x * element.bytes
    guard block.element == element, block.count == size.count else {
      throw .wrongBlock(box, element: block.element, voxels: block.count)
    }
    block.withBytes { source in
      pool.runRows(size.z * size.y, length: size.x) { rows in
        for row in rows {
          layout.forEachStretch(z: box.z.lowerBound + row / size.y, y: box.y.lowerBound + row % size.y, x: box.x) { place, x in
            let first = row * rowBytes + (x.lowerBound - box.x.lowerBound) * element.bytes
            bytes.copy(source.extracting(first..<first + x.count * element.bytes), to: index(place) * element.bytes)
          }
        }
      }
    }
  }

  /// Normalises the voxels of a kept row and writes them to `window[base + row.offset]` and on, at the row's stride.
  func cut(_ row: WindowRow, _ normalization: Normalization, into window: inout MutableSpan<Float>, base: Int) {
    layout.forEachStretch(z: row.z, y: row.y, x: row.x) { place, x in
      // Rows of a window are short and far apart; those of a plane are cut one after the other.
      let later = byteRange(RingLayout.Place(row: place.row + VoxelStore.rowsAhead, column: place.column), x.count)
      if later.upperBound <= bytes.count { bytes.read(later) { kernels.fetch($0) } }
      let first = base + row.offset + (x.lowerBound - row.x.lowerBound) * row.stride
      bytes.read(byteRange(place, x.count)) { normalize($0, normalization, into: &window, first: first, step: row.stride) }
    }
  }

  private static let rowsAhead = 4

  /// Normalises the voxels of a plane of a window, `rows` by `columns` as the network sees it, turned, and writes them to `window[base]` and on.
  /// Voxels that are neighbours here lie a row apart there, where writing takes long: the plane is cut as it lies, then turned in squares.
  ///
  /// - forEachRow: calls its argument with the rows of the volume; voxels outside are zero.
  func cutTurned(
    rows: Int, columns: Int, _ normalization: Normalization, into window: inout MutableSpan<Float>, base: Int,
    forEachRow: ((WindowRow) -> Void) -> Void
  ) {
    var plane = [Float](repeating: 0, count: rows * columns)
    var span = plane.mutableSpan
    forEachRow { cut($0, normalization, into: &span, base: 0) }
    kernels.transpose(plane.span, rows: columns, columns: rows, into: &window, first: base)
  }

  /// Moments of a kept row.
  func moments(_ row: WindowRow) -> Moments {
    var moments = Moments()
    layout.forEachStretch(z: row.z, y: row.y, x: row.x) { place, x in
      bytes.read(byteRange(place, x.count)) { moments.merge(element.moments($0.bytes)) }
    }
    return moments
  }

  /// Moments of all rows that are kept, in the order of memory.
  func rowMoments(on pool: ThreadPool) -> [Moments] {
    bytes.read(0..<bytes.count) { element.rowMoments($0.bytes, length: layout.kept.x, on: pool) }
  }

  /// A voxel by its place in memory.
  func value(_ index: Int) -> Float { bytes.read(0..<bytes.count) { element.value($0.bytes, index) } }

  private func index(_ place: RingLayout.Place) -> Int { place.row * layout.kept.x + place.column }

  private func byteRange(_ place: RingLayout.Place, _ voxels: Int) -> Range<Int> {
    index(place) * element.bytes..<(index(place) + voxels) * element.bytes
  }
}
