import Kernels

/// The row kernels of the sliding window over bounded spans. Beside `SharedBuffer` the only file of this folder that holds a pointer: that a
/// kernel stays within its spans is checked here.
struct RowKernels: Sendable {
  private let kernels: BlendKernels
  private let layout: LayoutKernels

  init(_ table: KernelTable) { (kernels, layout) = (table.blend, table.layout) }

  /// Values of some channels along a row: value i of channel c is number `first + c * channelStep + i * step` of a span.
  struct Place {
    let first: Int, step: Int, channelStep: Int

    /// Whether a row of `count` values in `channels` channels lies within `0..<limit`.
    func fits(_ count: Int, _ channels: Int, within limit: Int) -> Bool {
      let row = (count - 1) * step, channel = (channels - 1) * channelStep
      return count > 0 && channels > 0 && first + min(0, row) + min(0, channel) >= 0 && first + max(0, row) + max(0, channel) < limit
    }
  }

  /// Adds `logits * (scale * weights)` to `sums`, for every channel.
  ///
  /// - source: where the channels of a voxel are neighbours, there are as many floats as `BlendKernels.lanes` says.
  /// - target: has step 1.
  /// - nextRow: how far after these sums those lie that will be asked for next; they are fetched, if there are any.
  func add(
    _ logits: Span<Float>, at source: Place, channels: Int, scale: Float, weights: Span<Float>, to sums: inout MutableSpan<Float>,
    at target: Place, nextRow: Int
  ) {
    let count = weights.count, lanes = BlendKernels.lanes(channels, voxelStep: source.step, classStep: source.channelStep)
    precondition(target.step == 1 && source.fits(count, lanes, within: logits.count) && target.fits(count, channels, within: sums.count))
    logits.withUnsafeBufferPointer { logits in
      weights.withUnsafeBufferPointer { weights in
        sums.withUnsafeMutableBufferPointer { sums in
          guard let logits = logits.baseAddress, let sums = sums.baseAddress else { return }
          kernels.addLogits(
            count, channels, logits + source.first, source.step, source.channelStep, scale, weights.baseAddress, sums + target.first,
            target.channelStep, nextRow)
        }
      }
    }
  }

  /// Asks memory for bytes that will be read soon.
  func fetch(_ bytes: Span<UInt8>) {
    bytes.withUnsafeBytes { if let start = $0.baseAddress { kernels.fetch($0.count, start) } }
  }

  /// The label of each voxel of a row, one for each element of `labels`. At most 256 labels.
  ///
  /// - place: has step 1.
  func label(_ logits: Span<Float>, at place: Place, channels: Int, _ head: Head, into labels: inout MutableSpan<UInt8>) {
    let count = labels.count
    precondition(place.step == 1 && place.fits(count, channels, within: logits.count) && head.highestLabel(channels: channels) < 256)
    logits.withUnsafeBufferPointer { logits in
      labels.withUnsafeMutableBufferPointer { labels in
        guard let logits = logits.baseAddress, let labels = labels.baseAddress else { return }
        switch head {
        case .softmax: kernels.argmax(count, channels, logits + place.first, place.channelStep, labels)
        case .sigmoid: kernels.argmaxAbove(count, channels, logits + place.first, place.channelStep, 0, labels)
        }
      }
    }
  }

  /// Writes a matrix transposed: number c of row r of `matrix`, rows of `columns`, to `target[first + c * rows + r]`.
  func transpose(_ matrix: Span<Float>, rows: Int, columns: Int, into target: inout MutableSpan<Float>, first: Int) {
    let count = rows * columns
    precondition(rows >= 0 && columns >= 0 && matrix.count == count && first >= 0 && first + count <= target.count)
    matrix.withUnsafeBufferPointer { matrix in
      target.withUnsafeMutableBufferPointer { target in
        guard let matrix = matrix.baseAddress, let target = target.baseAddress else { return }
        layout.copyMatrix(columns, rows, matrix, 1, columns, target + first, rows, 1)
      }
    }
  }

  /// What normalises voxels of one type.
  func normalizer(of element: VoxelElement) -> Normalizer {
    Normalizer(kernel: kernels.normalizeStored(element.stored), voxelBytes: element.bytes)
  }

  struct Normalizer: Sendable {
    fileprivate let kernel: BlendKernels.NormalizeStored
    fileprivate let voxelBytes: Int

    /// Writes the normalised voxels to `window[first]`, `window[first + step]`, ...
    func callAsFunction(_ voxels: Span<UInt8>, _ normalization: Normalization, into window: inout MutableSpan<Float>, first: Int, step: Int) {
      let count = voxels.count / voxelBytes
      precondition(Place(first: first, step: step, channelStep: 0).fits(count, 1, within: window.count))
      voxels.withUnsafeBytes { voxels in
        window.withUnsafeMutableBufferPointer { window in
          guard let voxels = voxels.baseAddress, let window = window.baseAddress else { return }
          kernel(count, voxels, 1, normalization.mean, normalization.deviation, window + first, step)
        }
      }
    }
  }
}
