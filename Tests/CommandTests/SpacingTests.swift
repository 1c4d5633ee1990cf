import Foundation
import TestSupport
import Testing

@testable import Octopi

/// Voxel sizes in the attributes of stores that are not those of their folders: the folder counts, and a person is told once.
@Suite("voxel spacing", .tags(.command))
struct SpacingTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let scale: String, unit: String
    /// What the warning says that the attributes say; nil for none.
    let said: String?
    var testDescription: String { "\(scale) \(unit)" }
  }

  @Test(arguments: [
    Case(scale: "1, 1, 1", unit: "", said: "1.0 A"), Case(scale: "2, 2, 2", unit: "", said: "2.0 A"), Case(scale: "4, 4, 4", unit: "", said: "4.0 A"),
    Case(scale: "1.348, 1.348, 1.348", unit: #""unit": "nanometer""#, said: nil),
    Case(scale: "0.001348, 0.001348, 0.001348", unit: #""unit": "micrometer""#, said: nil),
    Case(scale: "13.48, 13.48, 13.48", unit: #""unit": "angstrom""#, said: nil), Case(scale: "13.48, 13.48, 13.48", unit: "", said: nil),
    Case(scale: "1.348, 1.348, 1.348", unit: #""units": "nanometer""#, said: "1.348 A"),
    Case(scale: "13.48, 13.48, 13.48", unit: #""units": "angstrom""#, said: nil),
    Case(scale: "1, 1, 1", unit: #""unit": "angstrom""#, said: "1.0 A"),
    Case(scale: "13.48, 13.48, 26.96", unit: #""unit": "angstrom""#, said: "13.48, 13.48, 26.96 A"),
  ])
  func theFolderCounts(store: Case) async throws {
    let project = try TinyProject(radius: 67.4)
    let axes = ["z", "y", "x"].map { #"{"name": "\#($0)", "type": "space"\#(store.unit.isEmpty ? "" : ", " + store.unit)}"# }
    let attributes = """
      {"multiscales": [{"axes": [\(axes.joined(separator: ", "))], "version": "0.4",
        "datasets": [{"path": "0", "coordinateTransformations": [{"type": "scale", "scale": [\(store.scale)]}]}]}]}
      """
    try project.add("TS_1", littleEndianBytes(TinyProject.ball), spacing: "13.480", attributes: attributes)
    let segmented = try await Program.run(TinyProject.segment + ["--voxel-size", "13.48", "--quiet"], in: project.folder)
    #expect(segmented.code == 0, "\(segmented.errors)")
    let warnings = segmented.errors.split(separator: "\n")
    if let said = store.said {
      #expect(warnings.count == 1)
      #expect(segmented.errors.hasPrefix("octopi: warning: '\(TinyProject.tomogram("TS_1", spacing: "13.480"))': its attributes say voxels of \(said)"))
      #expect(segmented.errors.contains("its folder says 13.48 A; the folder counts"))
    } else {
      #expect(segmented.errors == "")
    }
    for (method, session) in [("watershed", "1"), ("com", "2")] {
      let localized = try await Program.run(TinyProject.localize + ["-vs", "13.48", "-m", method, "-psid", session, "--quiet"], in: project.folder)
      #expect(localized.code == 0, "\(localized.errors)")
      #expect(localized.errors == "")
      let picks = try Picks(file: project.folder.path("overlay/ExperimentRuns/TS_1/Picks/octopi_\(session)_ribosome.json"))
      #expect(picks.points.map(\.centre) == [ParticleCentre(x: 16 * 13.48, y: 14 * 13.48, z: 12 * 13.48)])
    }
    // What we write says what the folder says, so that nobody is warned again.
    let written = try ImageGroup(project.labels("TS_1", spacing: "13.480"), .segmentation, expected: VoxelSpacing(13.48))
    #expect(written.spacing == [13.48, 13.48, 13.48])
    #expect(written.warnings.isEmpty)
  }

  /// The options of both generations name the same tomograms and write the same bytes.
  @Test func bothGenerationsSegmentTheSame() async throws {
    let project = try TinyProject()
    try project.add("TS_1", littleEndianBytes(TinyProject.ball))
    let jobs = [
      ["--voxel-size", "10", "--tomo-alg", "wbp", "--seg-info", "predict,a,1", "--run-ids", "TS_1", "--tomo-batch-size", "25"],
      ["--tomo-uri", "wbp@10.0", "--seg-uri", "predict:b/1", "-runs", "TS_1", "-swbs", "2"], ["-uri", "wbp@10", "-suri", "predict,c,1", "-vs", "10.000"],
    ]
    for job in jobs { #expect(try await Program.run(TinyProject.segment + job, in: project.folder).code == 0) }
    let stores = ["a", "b", "c"].map { "overlay/ExperimentRuns/TS_1/Segmentations/10.000_\($0)_1_predict-multilabel.zarr" }
    let files = Projects.files(project.folder, under: stores[0]).map { $0.dropFirst(stores[0].count) }
    #expect(files.count >= 4)
    for store in stores.dropFirst() {
      #expect(Projects.files(project.folder, under: store).map { $0.dropFirst(store.count) } == files)
      for file in files { #expect(try project.folder.bytes(store + file) == project.folder.bytes(stores[0] + file)) }
    }
  }
}
