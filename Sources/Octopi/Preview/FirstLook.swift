public import Kernels

/// What networks find in a few planes around the middle of a tomogram, as a picture: a first look, before a long run.
///
/// The planes come from a cut as deep as one window, normalised by its own voxels and seen in one orientation: close to what the run will
/// give, for a small share of its time.
struct FirstLook {
  let networks: NetworkEnsemble
  let classes: [PreviewClass]
  let options: PreviewOptions

  /// The picture as PNG.
  func picture(
    of tomogram: any VolumeSource & Sendable, run: String, name: String, spacing: VoxelSpacing, on pool: ThreadPool
  ) throws -> [UInt8] {
    let cut = CentralPlanes(tomogram, depth: networks.lookDepth(spacing)), middle = cut.planes.lowerBound + cut.planes.count / 2
    let shown = Set([-1, 0, 1].map { middle + $0 * (cut.planes.count / 4) }).sorted()
    let labels = SelectedLabels(tomogram.shape, planes: shown, offset: cut.planes.lowerBound)
    try networks.look(at: cut, spacing: spacing, to: labels, on: pool)
    let names = Dictionary(networks.model.labels.map { ($0.value, $0.name) }) { first, _ in first }
    let runs = shown.map { plane in
      var shown = PreviewRun(name: run, tomogram: name, volume: tomogram, spacing: spacing)
      shown.labels = PreviewLabels(labels.volume, spacing: spacing, names: names)
      shown.plane = plane
      return shown
    }
    return try Preview(classes: classes, runs: runs, options: options).picture(on: pool)
  }
}

extension SegmentProject {
  /// A first look at the first tomogram that is not segmented yet; nil if all are.
  public func firstLook(_ options: PreviewOptions, on pool: ThreadPool) throws -> [UInt8]? {
    guard let planned = runs.first(where: { !$0.isKept }) else { return nil }
    let look = FirstLook(networks: networks, classes: project.configuration.objects.map(PreviewClass.init), options: options)
    return try look.picture(
      of: TomogramSource(image(planned), pool: pool), run: planned.run.name, name: planned.tomogram.uri, spacing: request.tomogram.spacing, on: pool)
  }
}

extension PickFiles {
  /// A first look at the first tomogram that is not segmented yet; nil if all are.
  public func firstLook(on pool: ThreadPool) throws -> [UInt8]? {
    guard let planned = segment.files.first(where: { !$0.isKept }) else { return nil }
    let look = FirstLook(networks: segment.networks, classes: classes, options: request.preview), path = planned.file.path
    return try look.picture(
      of: planned.tomogram.source(on: pool), run: TomogramFile.stem(of: path), name: OutputPath(path).name, spacing: planned.tomogram.spacing, on: pool)
  }
}

/// Planes around the middle of a volume, as a volume of its own.
struct CentralPlanes: VolumeSource, Sendable {
  private var base: any VolumeSource & Sendable
  /// Of the whole volume.
  let planes: Range<Int>

  init(_ base: any VolumeSource & Sendable, depth: Int) {
    self.base = base
    let depth = min(max(1, depth), base.shape.z), first = (base.shape.z - depth) / 2
    planes = first..<first + depth
  }

  var name: String { base.name }
  var shape: VolumeShape { base.shape.with(.z, planes.count) }
  var element: VoxelElement { base.element }
  var preferredBox: VolumeShape { base.preferredBox.with(.z, min(base.preferredBox.z, planes.count)) }
  var scratchBytes: Int { base.scratchBytes }

  mutating func read(_ box: VolumeBox) throws -> VoxelBlock {
    try base.read(VolumeBox(z: box.z.lowerBound + planes.lowerBound..<box.z.upperBound + planes.lowerBound, y: box.y, x: box.x))
  }
}

/// Keeps some planes of the labels of a cut.
final class SelectedLabels: LabelSink {
  private let shape: VolumeShape, offset: Int
  private var planes: [Int: [UInt8]]

  /// - planes: of the whole volume; the cut begins at `offset`.
  init(_ shape: VolumeShape, planes: [Int], offset: Int) {
    self.shape = shape
    self.offset = offset
    self.planes = Dictionary(uniqueKeysWithValues: planes.map { ($0, [UInt8](repeating: 0, count: shape.y * shape.x)) })
  }

  var chunk: VolumeShape { VolumeShape(z: 1, y: 1, x: 1) }

  func write(_ labels: Span<UInt8>, of box: VolumeBox) {
    let size = box.shape
    for z in box.z where planes[z + offset] != nil {
      for y in box.y {
        let row = ((z - box.z.lowerBound) * size.y + y - box.y.lowerBound) * size.x
        for x in box.x { planes[z + offset]?[y * shape.x + x] = labels[row + x - box.x.lowerBound] }
      }
    }
  }

  /// The whole volume; planes that were not kept are background.
  var volume: SelectedPlanes { SelectedPlanes(shape: shape, planes: planes) }
}

/// A volume of labels that is background but for some planes.
struct SelectedPlanes: VolumeSource, Sendable {
  let shape: VolumeShape
  let planes: [Int: [UInt8]]

  var name: String { "labels" }
  var element: VoxelElement { .uint8 }
  var preferredBox: VolumeShape { VolumeShape(z: 1, y: shape.y, x: shape.x) }
  var scratchBytes: Int { 0 }

  func read(_ box: VolumeBox) -> VoxelBlock {
    var voxels: [UInt8] = []
    voxels.reserveCapacity(box.shape.count)
    for z in box.z {
      guard let plane = planes[z] else {
        voxels += repeatElement(0, count: box.y.count * box.x.count)
        continue
      }
      for y in box.y { voxels += plane[y * shape.x + box.x.lowerBound..<y * shape.x + box.x.upperBound] }
    }
    return .uint8(voxels)
  }
}
