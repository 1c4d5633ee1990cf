import Kernels

/// The tomogram as windows are cut from it: kept as a whole, or a ring of planes that follows the job.
struct WindowInput {
  private let store: VoxelStore
  private let mode: Normalization.Mode
  /// Of the whole volume; `none` in the other modes.
  let normalization: Normalization
  /// Planes across the axis that have been read.
  private var loaded: Int

  init(_ store: VoxelStore, _ mode: Normalization.Mode, _ moments: Moments, loaded: Int) {
    self.store = store
    self.mode = mode
    self.loaded = loaded
    normalization = mode == .volume ? Normalization(moments) : .none
  }

  /// Reads the planes that a step needs and that are not there yet; planes before the step may go.
  mutating func load(_ step: WindowSchedule.Step, of schedule: WindowSchedule, from source: inout some VolumeSource, on pool: ThreadPool) throws {
    let end = min(schedule.shape[schedule.axis], step.origin + schedule.ringPlanes)
    while loaded < end {
      let box = VolumeBox(schedule.shape, schedule.axis, loaded..<min(end, loaded + schedule.planesPerLoad))
      try store.put(source.read(box), box, on: pool)
      loaded = box[schedule.axis].upperBound
    }
  }

  /// What cuts the windows of a batch.
  func cutter(_ batch: ArraySlice<PlacedWindow>, of schedule: WindowSchedule, on pool: ThreadPool) -> WindowCutter {
    let normalizations = mode == .window ? windowNormalizations(batch, of: schedule, on: pool) : Array(repeating: normalization, count: batch.count)
    return WindowCutter(store: store, orientations: schedule.orientations, windows: batch, normalizations: normalizations)
  }

  private func windowNormalizations(_ batch: ArraySlice<PlacedWindow>, of schedule: WindowSchedule, on pool: ThreadPool) -> [Normalization] {
    batch.map { window in
      let orientation = schedule.orientations[window.orientation]
      let planes = SharedBuffer<Moments>(count: orientation.roi.z)
      pool.run(planes.count) { plane, _ in
        planes.write(plane..<plane + 1) { moments in
          orientation.forEachRow(ofPlane: plane, window, in: schedule.shape) { moments[0].merge(store.moments($0)) }
        }
      }
      var moments = Moments()
      planes.read(0..<planes.count) { for plane in $0.indices { moments.merge($0[plane]) } }
      return Normalization(moments)
    }
  }
}

/// Cuts the windows of one batch: oriented, normalised, zero (the mean) where they hang over the volume.
struct WindowCutter {
  let store: VoxelStore
  let orientations: [Orientation]
  let windows: ArraySlice<PlacedWindow>
  let normalizations: [Normalization]

  /// Writes planes of window `index` of the batch; `WindowPredictor.predict`'s `fill`.
  func cut(_ index: Int, _ planes: Range<Int>, into span: inout MutableSpan<Float>) {
    let window = windows[windows.startIndex + index], orientation = orientations[window.orientation], shape = store.layout.shape
    let isInside = orientation.isInside(window, shape), roi = orientation.roi, normalization = normalizations[index]
    for plane in planes {
      let base = (plane - planes.lowerBound) * roi.y * roi.x
      if orientation.augmentation.swapsYX {
        store.cutTurned(rows: roi.y, columns: roi.x, normalization, into: &span, base: base) { cut in
          orientation.forEachRow(ofPlane: plane, window, in: shape, rowStep: 1, voxelStep: roi.y, cut)
        }
      } else {
        if !isInside { for i in base..<base + roi.y * roi.x { span[i] = 0 } }
        orientation.forEachRow(ofPlane: plane, window, in: shape) { store.cut($0, normalization, into: &span, base: base) }
      }
    }
  }
}
