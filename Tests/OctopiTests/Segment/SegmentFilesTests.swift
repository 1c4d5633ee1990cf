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
      #expect(try labels(result.file.labels).voxels == BallCase.values.map { $0 == 200 ? 1 : 0 })
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
    #expect(throws: OutputError.exists(path: folder.path("out/t.labels.zarr"))) { try job.prepare(Outputs()) }
    request.options.existing = .keep
    job = try SegmentFiles(request)
    try job.prepare(nil)
    #expect(job.files.map(\.isKept) == [true])
  }
}
