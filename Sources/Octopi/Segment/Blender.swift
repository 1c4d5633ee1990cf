import Kernels
import OctopiEngine

/// The running sums of all orientations and models: a ring of planes that windows add to, and from which finished planes are taken.
///
/// Each logit is multiplied on its way in by one over (windows of its orientation that hold the voxel x orientations x models), so the sums
/// end as the averaged logits: no counts are kept, and one ring serves all orientations. Upstream adds an orientation's windows first and
/// divides then; the two differ by rounding (some 1e-7 of the largest logit).
final class Blender: Sendable {
  let layout: RingLayout
  let channels: Int
  private let orientations: [Orientation]
  /// One over orientations x models.
  private let share: Float
  /// `[z][y][channel][x]`, the ring's axis shortened: what a row of a window touches lies together.
  private let sums: SharedBuffer<Float>
  private let kernels: RowKernels

  init(_ schedule: WindowSchedule, channels: Int, models: Int, _ kernels: RowKernels) throws(SegmentationError) {
    self.kernels = kernels
    layout = RingLayout(shape: schedule.shape, axis: schedule.axis, planes: schedule.ringPlanes)
    orientations = schedule.orientations
    share = 1 / Float(schedule.orientations.count * models)
    self.channels = channels
    sums = try SharedBuffer(mapping: layout.count * channels)
  }

  /// Bytes of the sums.
  static func bytes(_ schedule: WindowSchedule, channels: Int) -> Int {
    schedule.shape.with(schedule.axis, schedule.ringPlanes).count * channels * MemoryLayout<Float>.size
  }

  /// Adds a part of a window's logits, straight from where the network left them. Several threads may add disjoint parts of one window at
  /// once.
  func add(_ logits: Span<Float>, _ part: LogitPart, of window: PlacedWindow) {
    let orientation = orientations[window.orientation], source = part.layout
    let (zs, ys, xs) = (orientation.weights(.z), orientation.weights(.y), orientation.weights(.x))
    for plane in part.planes {
      let base = (plane - part.planes.lowerBound) * source.planeStep
      orientation.forEachRow(
        ofPlane: plane, rows: part.rows, window, in: layout.shape, rowStep: source.rowStep, voxelStep: source.voxelStep
      ) { row in
        let scale = zs[row.z] * ys[row.y] * share
        layout.forEachStretch(z: row.z, y: row.y, x: row.x) { target, x in
          let first = base + row.offset + (x.lowerBound - row.x.lowerBound) * row.stride
          sums.write(range(ofRow: target.row)) { sums in
            for block in source.blocks {
              kernels.add(
                logits, at: RowKernels.Place(first: first + block.first, step: row.stride, channelStep: source.classStep),
                channels: block.classes.count, scale: scale, weights: xs.span.extracting(x), to: &sums,
                at: place(target.column, channel: block.classes.lowerBound), nextRow: layout.kept.x * channels)
            }
          }
        }
      }
    }
  }

  /// Hands the averaged logits of the planes of `box`, which no later window touches, to `body` row by row, on all threads, and makes room
  /// for the planes that come next.
  func take(_ box: VolumeBox, on pool: ThreadPool, _ body: (_ row: AveragedRow, _ logits: Span<Float>) -> Void) {
    let size = box.shape
    pool.runRows(size.z * size.y, length: size.x * channels) { rows in
      for row in rows {
        let z = box.z.lowerBound + row / size.y, y = box.y.lowerBound + row % size.y
        layout.forEachStretch(z: z, y: y, x: box.x) { source, x in
          let place = place(source.column)
          sums.write(range(ofRow: source.row)) { sums in
            body(AveragedRow(z: z, y: y, x: x, place: place), sums.span)
            for channel in 0..<channels {
              for i in place.first + channel * place.channelStep..<place.first + channel * place.channelStep + x.count { sums[i] = 0 }
            }
          }
        }
      }
    }
  }

  /// All channels of a kept row.
  private func range(ofRow row: Int) -> Range<Int> {
    let length = channels * layout.kept.x
    return row * length..<(row + 1) * length
  }

  /// Where the sums of a voxel lie in its row.
  private func place(_ column: Int, channel: Int = 0) -> RowKernels.Place {
    RowKernels.Place(first: column + channel * layout.kept.x, step: 1, channelStep: layout.kept.x)
  }
}

/// A row of voxels, or a stretch of one, and the place of its averaged logits in the span that comes with it.
struct AveragedRow {
  let z: Int, y: Int, x: Range<Int>
  let place: RowKernels.Place
}
