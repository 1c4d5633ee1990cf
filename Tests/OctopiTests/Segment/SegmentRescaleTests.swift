import Foundation
import Kernels
@testable import Octopi
import TestSupport
import Testing

/// Tomograms whose voxels are not those that the model was trained on.
@Suite("Segment: rescaling")
struct SegmentRescaleTests {
  struct Golden: Decodable, Sendable, CustomTestStringConvertible {
    let of: [Int], ratio: Double, shape: [Int], values: [Float]
    var testDescription: String { "\(of) by \(ratio)" }
  }

  static let goldens = (try? JSONDecoder().decode([Golden].self, from: Data(contentsOf: TestData.root.appending(path: "resample.json")))) ?? []

  /// The volume of the goldens.
  private static func volume(_ sizes: [Int]) -> Volume<Float> {
    var voxels: [Float] = []
    for z in 0..<sizes[0] { for y in 0..<sizes[1] { for x in 0..<sizes[2] { voxels.append(Float((7 * z * z + 13 * y + 5 * x * y + 31 * x * x + 3) % 61) / 4 - 5) } } }
    return Volume(shape: shape(sizes), voxels: voxels)
  }

  @Test func goldensAreThere() { #expect(Self.goldens.count == 5) }

  /// As torch interpolates; weights and values are good to 1e-6 of the largest value, 11, the goldens to 5e-6.
  @Test(arguments: goldens)
  func equalsTorch(_ golden: Golden) throws {
    let rescaling = try #require(Rescaling(shape(golden.of), VoxelSpacing(10), to: VoxelSpacing(10 * golden.ratio)))
    #expect(rescaling.model == shape(golden.shape))
    var source = ResampledSource(Self.volume(golden.of), rescaling, on: ThreadPool(threads: 2))
    guard case .float32(let values) = try source.read(VolumeBox(source.shape)) else { return #expect(Bool(false), "float32") }
    #expect(values.count == golden.values.count)
    #expect(zip(values, golden.values).allSatisfy { abs($0 - $1) < 3e-5 })
  }

  /// The same bits whatever boxes are read, with threads and without.
  @Test(arguments: [0.37, 0.784, 1.3, 2.0, 3.7])
  func boxesDoNotChangeABit(ratio: Double) throws {
    let volume = Self.volume([9, 11, 13])
    let rescaling = try #require(Rescaling(volume.shape, VoxelSpacing(10), to: VoxelSpacing(10 * ratio)))
    var whole = ResampledSource(volume, rescaling, on: nil), parts = ResampledSource(volume, rescaling, on: ThreadPool(threads: 3))
    guard case .float32(let values) = try whole.read(VolumeBox(whole.shape)) else { return #expect(Bool(false), "float32") }
    let size = whole.shape
    for tile in VolumeBox(size).tiles(of: VolumeShape(z: 2, y: 3, x: 4)) {
      guard case .float32(let part) = try parts.read(tile) else { return #expect(Bool(false), "float32") }
      var index = 0
      for z in tile.z {
        for y in tile.y {
          for x in tile.x {
            #expect(part[index].bitPattern == values[(z * size.y + y) * size.x + x].bitPattern)
            index += 1
          }
        }
      }
    }
  }

  /// A constant stays one, every tap is inside, weights are 1 together, at any ratio and size.
  @Test func tapsAreInsideAndSumToOne() {
    for size in [1, 2, 3, 7, 64] {
      for ratio in [0.01, 0.3, 0.9, 1.1, 1.5, 2, 3.3, 20, 100] {
        guard let rescaling = Rescaling(cube(size), VoxelSpacing(10), to: VoxelSpacing(10 * ratio)) else { continue }
        let taps = rescaling.taps(.z, 0..<rescaling.model.z)
        for tap in taps.taps {
          #expect(tap.first >= 0 && tap.first + tap.weights.count <= size)
          #expect(abs(tap.weights.reduce(0, +) - 1) < 1e-5 && tap.weights.allSatisfy { $0 >= 0 })
        }
        let nearest = rescaling.nearest(.z)
        #expect(nearest.count == size && nearest.allSatisfy { (0..<rescaling.model.z).contains($0) } && nearest == nearest.sorted())
      }
    }
  }

  @Test func spacingsWithinOnePerCentAreTheSame() {
    #expect(Rescaling(cube(10), VoxelSpacing(10), to: VoxelSpacing(10.09)) == nil)
    #expect(Rescaling(cube(10), VoxelSpacing(10), to: VoxelSpacing(10.2)) != nil)
  }

  /// A whole job at half and at three quarters of the model's voxel size, against plain loops in double.
  @Test(arguments: [5.0, 7.5, 16.0], [false, true])
  func jobsGiveLabelsInTheTomogramsVoxels(spacing: Double, probabilities: Bool) throws {
    let folder = try TemporaryFolder()
    try BallCase.writeModel(to: folder)
    try folder.write("model: {dim_in: 16, num_classes: 2, voxel_size: 10}\nlabels: {ribosome: 1}\n", to: "thr.yaml")
    var header = BallCase.mrc(0, imodFlags: 0)
    header.cell = BallCase.size.reversed().map { Float(spacing) * Float($0) }
    try folder.write(header.file(BallCase.values), to: "t.mrc")
    var options = SegmentOptions(models: [.init(weights: folder.path("thr.onnx"), configuration: folder.path("thr.yaml"))])
    options.rescale = true
    let file = SegmentFilesRequest.File(path: folder.path("t.mrc"), in: folder.path("out"), mrc: true, probabilities: probabilities)
    var job = try SegmentFiles(SegmentFilesRequest(files: [file], options: options))
    #expect(job.warnings.isEmpty)
    let pool = ThreadPool(threads: 2), outputs = Outputs()
    try job.prepare(outputs)
    try job.loadNetworks(on: pool)
    let result = try job.segment(job.files[0], on: pool, outputs) { _ in }

    let wanted = Self.labels(spacing: spacing)
    guard case .uint8(let found) = try ImageGroup(file.results.labels, .segmentation, expected: VoxelSpacing(spacing)).labels() else {
      return #expect(Bool(false), "labels")
    }
    #expect(found.shape == shape(BallCase.size))
    #expect(zip(found.voxels, wanted).allSatisfy { $1 == nil || $0 == $1 })
    let ones = found.voxels.count { $0 == 1 }
    #expect(ones > 20 && ones < 700)
    #expect(result.segmentation?.voxelsPerLabel == [found.voxels.count - ones, ones])
    let mrc = try MRCFile(folder.path("out/t.labels.mrc"))
    guard case .int8(let bytes) = try mrc.read(VolumeBox(mrc.shape)) else { return #expect(Bool(false), "bytes") }
    #expect(bytes.map(UInt8.init) == found.voxels)
    if let path = file.results.probabilities {
      let image = try ProbabilityImage(path), ribosome = try image.read(channel: 1, VolumeBox(image.shape))
      #expect(image.shape == found.shape)
      #expect(zip(ribosome, found.voxels).allSatisfy { abs($0 - 0.5) < 1e-3 || ($0 > 0.5) == ($1 == 1) })
    }
  }

  /// Labels of the ball's volume through a grid of 10 A; nil where the answer is within rounding of the threshold.
  private static func labels(spacing: Double) -> [UInt8?] {
    let ratio = 10 / spacing, sizes = BallCase.size, model = sizes.map { Int((Double($0) / ratio).rounded()) }
    let weights = (0..<3).map { axis in
      (0..<model[axis]).map { target -> [Double] in
        let centre = (Double(target) + 0.5) * ratio - 0.5, width = max(1, ratio)
        let all = (0..<sizes[axis]).map { max(0, 1 - abs(Double($0) - centre) / width) }, sum = all.reduce(0, +)
        return all.map { $0 / sum }
      }
    }
    func pass(_ values: [Double], _ shape: [Int], _ axis: Int) -> [Double] {
      let behind = shape[(axis + 1)...].reduce(1, *), before = shape[..<axis].reduce(1, *), n = shape[axis], m = model[axis]
      var out = [Double](repeating: 0, count: before * m * behind)
      for a in 0..<before { for j in 0..<m { for i in 0..<n where weights[axis][j][i] > 0 { for b in 0..<behind {
        out[(a * m + j) * behind + b] += weights[axis][j][i] * values[(a * n + i) * behind + b]
      } } } }
      return out
    }
    var values = BallCase.values.map(Double.init), shape = sizes
    for axis in 0..<3 {
      values = pass(values, shape, axis)
      shape[axis] = model[axis]
    }
    let mean = values.reduce(0, +) / Double(values.count)
    let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
    var labels: [UInt8?] = []
    for z in 0..<sizes[0] { for y in 0..<sizes[1] { for x in 0..<sizes[2] {
      let at = [z, y, x].enumerated().map { min(model[$0.offset] - 1, Int((Double($0.element) + 0.5) / ratio)) }
      let value = (values[(at[0] * model[1] + at[1]) * model[2] + at[2]] - mean) / deviation
      labels.append(abs(value - 2) < 1e-4 ? nil : value > 2 ? 1 : 0)
    } } }
    return labels
  }

  @Test func withoutTheOptionADifferenceIsOneWarning() throws {
    let folder = try TemporaryFolder()
    try BallCase.writeModel(to: folder)
    try folder.write("model: {dim_in: 16, num_classes: 2}\nlabels: {ribosome: 1}\ndataloader: {tomo_uris: [wbp@10.0], voxel_size: 10.0}\n", to: "thr.yaml")
    var header = BallCase.mrc(0, imodFlags: 0)
    header.cell = BallCase.size.reversed().map { 7.84 * Float($0) }
    try folder.write(header.file(BallCase.values), to: "t.mrc")
    let options = SegmentOptions(models: [.init(weights: folder.path("thr.onnx"), configuration: folder.path("thr.yaml"))])
    let job = try SegmentFiles(SegmentFilesRequest(files: [.init(path: folder.path("t.mrc"), in: folder.path("out"))], options: options))
    #expect(job.warnings.map(\.message) == ["'\(folder.path("t.mrc"))' has voxels of 7.84 A, the model was trained on 10 A"])
  }

  @Test func aModelThatDoesNotSayCannotBeRescaledTo() throws {
    let folder = try TemporaryFolder()
    try BallCase.writeModel(to: folder)
    try folder.write(BallCase.encodings[0].header.file(BallCase.encodings[0].values), to: "t.mrc")
    var options = SegmentOptions(models: [.init(weights: folder.path("thr.onnx"), configuration: folder.path("thr.yaml"))])
    options.rescale = true
    let request = SegmentFilesRequest(files: [.init(path: folder.path("t.mrc"), in: folder.path("out"))], options: options)
    #expect(throws: RescalingError.notSaid(configuration: folder.path("thr.yaml"))) { try SegmentFiles(request) }
  }

  @Test(arguments: [
    ("model: {voxel_size: 13.48, @}", [13.48]), ("model: {@}\ndataloader: {voxel_size: 10}", [10]), ("model: {@}\ndataloader: {tomo_uris: [wbp@10.0, raw@5.0]}", [10, 5]),
    ("model: {@}\ndataloader: {tomo_uris: wbp@7.84}", [7.84]), ("model: {@}\ndataloader: {tomo_uris: [wbp], voxel_size: x}", []), ("model: {@}", []),
  ] as [(String, [Double])])
  func whatAConfigurationSays(yaml: String, spacings: [Double]) throws {
    let text = yaml.replacing(", @", with: ", dim_in: 16, num_classes: 2").replacing("@}", with: "dim_in: 16, num_classes: 2}") + "\nlabels: {a: 1}\n"
    #expect(try ModelConfiguration(yaml: text, file: "c.yaml").spacings.map(\.angstrom) == spacings)
  }
}
