import Foundation
import Kernels
@testable import Octopi
import TestSupport
import Testing

/// Jobs on files outside of projects, with a network whose answer is known.
@Suite("Segment: files")
struct SegmentFilesTests {
  private func request(_ folder: TemporaryFolder, _ names: [String]) throws -> SegmentFilesRequest {
    try BallCase.writeModel(to: folder)
    let options = SegmentOptions(models: [.init(weights: folder.path("thr.onnx"), configuration: folder.path("thr.yaml"))])
    return SegmentFilesRequest(files: names.map { .init(path: folder.path($0), in: folder.path("out")) }, options: options)
  }

  private func labels(_ path: String) throws -> Volume<UInt8> {
    guard case .uint8(let volume) = try ImageGroup(path, .segmentation).labels() else { throw CocoaError(.fileReadCorruptFile) }
    return volume
  }

  /// One volume in seven encodings: one answer, voxel by voxel.
  @Test func encodingsGiveTheSameLabels() throws {
    let folder = try TemporaryFolder()
    for encoding in BallCase.encodings { try folder.write(encoding.header.file(encoding.values), to: encoding.name + ".mrc") }
    var job = try SegmentFiles(try request(folder, BallCase.encodings.map { $0.name + ".mrc" }))
    #expect(job.warnings.isEmpty)
    let pool = ThreadPool(threads: 2), outputs = Outputs()
    try job.prepare(outputs)
    try job.loadNetworks(on: pool)
    let summary = try job.run(on: pool, outputs) { _ in }
    #expect(summary.failed.isEmpty)
    #expect(summary.finished.count == BallCase.encodings.count)
    for result in summary.finished {
      #expect(try labels(result.file.results.labels).voxels == BallCase.values.map { $0 == 200 ? 1 : 0 })
      #expect(result.segmentation?.voxelsPerLabel[1] == BallCase.ballVoxels)
    }
  }

  @Test func valuesThatAreNotFiniteFailWithTheirPlace() throws {
    let folder = try TemporaryFolder()
    var values = BallCase.values.map(Float.init)
    values[(3 * 28 + 5) * 32 + 7] = .nan
    try folder.write(BallCase.mrc(2).file(littleEndianBytes(values)), to: "nan.mrc")
    try folder.write(BallCase.encodings[0].header.file(BallCase.encodings[0].values), to: "good.mrc")
    var job = try SegmentFiles(try request(folder, ["nan.mrc", "good.mrc"]))
    let pool = ThreadPool(threads: 2), outputs = Outputs()
    try job.prepare(outputs)
    try job.loadNetworks(on: pool)
    let summary = try job.run(on: pool, outputs) { _ in }
    #expect(summary.finished.map(\.file.path) == [folder.path("good.mrc")])
    #expect(summary.failed.map(\.error.message) == ["tomogram '\(folder.path("nan.mrc"))' holds NaN at voxel (z, y, x) = (3, 5, 7)"])
    #expect(!FileManager.default.fileExists(atPath: folder.path("out/nan.labels.zarr")))
  }

  /// Weights that are quick to make are not kept where memory is short, and only what is needed without them is refused: the same bytes.
  @Test func weightsGiveWayToTheLimit() throws {
    let folder = try TemporaryFolder(), model = PreviewDemo.example.appending(path: "model")
    try folder.write(BallCase.encodings[0].header.file(BallCase.encodings[0].values), to: "t.mrc")
    let pool = ThreadPool(threads: 2)
    func job(_ name: String, limit: Int?) throws -> SegmentFiles {
      var options = SegmentOptions(
        models: [.init(weights: model.appending(path: "model.onnx").path, configuration: model.appending(path: "best_model_config.yaml").path)])
      options.memoryLimit = limit
      let file = SegmentFilesRequest.File(path: folder.path("t.mrc"), in: folder.path(name), probabilities: true)
      var job = try SegmentFiles(SegmentFilesRequest(files: [file], options: options))
      try job.loadNetworks(on: pool)
      return job
    }
    let usual = try job("usual", limit: nil), refused = try job("refused", limit: 1), usualPlan = try usual.plan(usual.files[0], on: pool)
    var needed = 0
    do {
      _ = try refused.plan(refused.files[0], on: pool)
    } catch SegmentationError.memory(_, let bytes, _) {
      needed = bytes
    }
    #expect(needed > 0 && needed < usualPlan.memory.totalBytes - 4 << 20)
    let tight = try job("tight", limit: needed)
    #expect(try tight.plan(tight.files[0], on: pool).memory.modelBytes < usualPlan.memory.modelBytes)
    for job in [usual, tight] { #expect(try job.run(on: pool, Outputs()) { _ in }.failed.isEmpty) }
    #expect(FileManager.default.contentsEqual(atPath: folder.path("usual"), andPath: folder.path("tight")))
  }

  @Test func twoFilesOfOneName() throws {
    let folder = try TemporaryFolder()
    try folder.write(BallCase.encodings[0].header.file(BallCase.encodings[0].values), to: "a/t.mrc")
    let request = try request(folder, ["a/t.mrc", "b/t.rec"])
    #expect(throws: SegmentFilesError.sameOutput(folder.path("out/t.labels.zarr"), first: folder.path("a/t.mrc"), second: folder.path("b/t.rec"))) {
      try SegmentFiles(request)
    }
  }

  @Test func existingLabelsAreKeptOrRefused() throws {
    let folder = try TemporaryFolder()
    try folder.write(BallCase.encodings[0].header.file(BallCase.encodings[0].values), to: "t.mrc")
    try folder.write("mine", to: "out/t.labels.zarr/note")
    var request = try request(folder, ["t.mrc"]), job = try SegmentFiles(request)
    #expect(throws: OutputError.exists(path: folder.path("out/t.labels.zarr"), isResumable: true)) { try job.prepare(Outputs()) }
    request.options.existing = .keep
    job = try SegmentFiles(request)
    try job.prepare(nil)
    #expect(job.files.map(\.isKept) == [true])
  }

  /// Labels twice and probabilities, in both formats of Zarr: all say the same, and nothing else is left.
  @Test(arguments: ZarrVersion.allCases)
  func allResults(version: ZarrVersion) throws {
    let folder = try TemporaryFolder()
    try folder.write(BallCase.encodings[0].header.file(BallCase.encodings[0].values), to: "t.mrc")
    let options = try request(folder, []).options
    var request = SegmentFilesRequest(
      files: [.init(path: folder.path("t.mrc"), in: folder.path("out"), mrc: true, probabilities: true)], options: options)
    request.options.zarrVersion = version
    var job = try SegmentFiles(request)
    let pool = ThreadPool(threads: 2), outputs = Outputs()
    try job.prepare(outputs)
    try job.loadNetworks(on: pool)
    let result = try job.segment(job.files[0], on: pool, outputs) { _ in }
    let wanted: [UInt8] = BallCase.values.map { $0 == 200 ? 1 : 0 }
    let found = try labels(folder.path("out/t.labels.zarr"))
    #expect(found.voxels == wanted)
    let mrc = try MRCFile(folder.path("out/t.labels.mrc"))
    guard case .int8(let bytes) = try mrc.read(VolumeBox(mrc.shape)) else { return #expect(Bool(false), "bytes") }
    #expect(bytes.map(UInt8.init) == wanted)

    let probabilities = try ProbabilityImage(folder.path("out/t.probabilities.zarr"))
    #expect(probabilities.shape == found.shape && probabilities.channels == 2)
    // Logits are 0 and the normalised voxel less 2: two values. A half is good to 2^-12 below 1.
    let normalization = try #require(result.segmentation?.normalization)
    let box = VolumeBox(z: 8..<17, y: 14..<15, x: 3..<30)
    for channel in 0..<2 {
      let values = try probabilities.read(channel: channel, box)
      var index = 0
      for z in box.z {
        for x in box.x {
          let logit = (Double(BallCase.values[(z * 28 + 14) * 32 + x]) - 128 - Double(normalization.mean)) / Double(normalization.deviation) - 2
          let probability = 1 / (1 + exp(channel == 1 ? -logit : logit))
          #expect(abs(Double(values[index]) - probability) <= 0x1p-12 + 1e-6)
          index += 1
        }
      }
    }
    let header = try Data(contentsOf: URL(filePath: folder.path("out/t.labels.mrc")))[224..<1024]
    #expect(String(decoding: header, as: UTF8.self).contains("sha256 \(SHA256.digest(BallCase.model))"))
    #expect(folder.tree().filter { $0.hasPrefix("out/") && $0.split(separator: "/").count == 2 } == ["out/t.labels.mrc", "out/t.labels.zarr/", "out/t.probabilities.zarr/"])
  }

  /// The header of the MRC file names program, network and options.
  @Test func provenance() throws {
    let folder = try TemporaryFolder(), options = try request(folder, []).options
    let lines = try Provenance(options).lines
    #expect(lines == ["octopi-swift \(ProgramVersion.text)", "thr.onnx", "sha256 \(SHA256.digest(BallCase.model))", "overlap 0.5, 4 orientations"])
    #expect(lines.allSatisfy { $0.utf8.count <= 80 })
  }

  @Test func digestsOfAllLengths() throws {
    #expect(SHA256.digest([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    let bytes = (0..<200).map { UInt8($0) }
    for length in 0..<200 {
      var parts = SHA256()
      for part in stride(from: 0, to: length, by: 37) { parts.update(Array(bytes[part..<min(length, part + 37)])) }
      #expect(parts.finish() == SHA256.digest(Array(bytes[..<length])))
    }
    // sha256sum of the bytes 0 to 199.
    #expect(SHA256.digest(bytes) == "1901da1c9f699b48f6b2636e65cbf73abf99d0441ef67f5c540a42f7051dec6f")
  }
}
