/// In which order the windows of all orientations are computed: along one axis of the original frame, so that what lies before a window
/// is never touched again.
struct WindowSchedule: Sendable {
  let shape: VolumeShape
  let orientations: [Orientation]
  /// The axis along which the job proceeds.
  let axis: VolumeAxis

  /// Windows of all orientations that begin at one place of `axis`.
  struct Step: Sendable {
    /// First voxel along the axis; below zero where windows hang over.
    let origin: Int
    /// Orientation, and the number of its window along the axis.
    let members: [(orientation: Int, window: Int)]
  }

  /// - axis: nil for the one whose ring of sums is smallest, z before y before x. It follows from the shapes alone, since the order of
  ///   windows is part of the result's last bits.
  init(shape: VolumeShape, roi: VolumeShape, overlap: Double, augmentations: [Augmentation], axis: VolumeAxis? = nil) throws(SegmentationError) {
    self.shape = shape
    var orientations: [Orientation] = []
    for augmentation in augmentations {
      orientations.append(try Orientation(augmentation, shape: shape, roi: roi, overlap: overlap))
    }
    self.orientations = orientations
    let ringVoxels = { (axis: VolumeAxis) in
      shape.with(axis, WindowSchedule.ringPlanes(shape, orientations, axis)).count
    }
    self.axis = axis ?? VolumeAxis.allCases.min { ringVoxels($0) < ringVoxels($1) } ?? .z
  }

  private static func ringPlanes(_ shape: VolumeShape, _ orientations: [Orientation], _ axis: VolumeAxis) -> Int {
    min(shape[axis], orientations.map { $0.extent[axis] }.max() ?? 0)
  }

  /// Planes across the axis that windows of one step can touch.
  var ringPlanes: Int { WindowSchedule.ringPlanes(shape, orientations, axis) }

  /// Windows of all orientations.
  var count: Int { orientations.reduce(0) { $0 + $1.grid.count } }

  /// The steps of the job in their order: ascending origins, then orientations.
  var steps: [Step] {
    var members: [Int: [(orientation: Int, window: Int)]] = [:]
    for (index, orientation) in orientations.enumerated() {
      for window in orientation.windows(axis).indices { members[orientation.origin(axis, window), default: []].append((index, window)) }
    }
    return members.sorted { $0.key < $1.key }.map { Step(origin: $0.key, members: $0.value) }
  }

  /// The windows of a step: orientation by orientation, in each as upstream orders them.
  func windows(of step: Step) -> [PlacedWindow] {
    step.members.flatMap { index, window -> [PlacedWindow] in
      let orientation = orientations[index]
      let origins = { (augmented: VolumeAxis) -> [Int] in
        let axis = orientation.augmentation.axis(augmented)
        if axis == self.axis { return [step.origin] }
        return orientation.windows(axis).indices.map { orientation.origin(axis, $0) }
      }
      let (zs, seconds, thirds) = (origins(.z), origins(.y), origins(.x))
      return zs.flatMap { z in
        seconds.flatMap { second in
          thirds.map { third in
            let (y, x) = orientation.augmentation.swapsYX ? (third, second) : (second, third)
            return PlacedWindow(orientation: index, z: z, y: y, x: x)
          }
        }
      }
    }
  }
}
