import Kernels
import Testing
import TestSupport

@testable import Octopi

@Suite("Picks")
struct PicksTests {
  static let rows: [PythonValue.Member] = CopickFixtures.expected["picks"]?.members ?? []
  /// Read by copick, refused by us: other units, coordinates that are no places.
  static let refused = ["picks/good-unit-is-not-interpreted.json", "picks/odd-nan.json", "picks/odd-infinity.json"]

  @Test(arguments: rows)
  func fixtures(row: PythonValue.Member) throws {
    let file = CopickFixtures.path(row.name)
    if row.value["error"] != nil || Self.refused.contains(row.name) {
      let error = #expect(throws: CopickError.self) { try Picks(file: file) }
      #expect(error?.kind == .damaged)
      #expect(error?.message.hasPrefix("'\(file)'") == true)
      return
    }
    let picks = try Picks(file: file)
    let centres: [PythonValue] = picks.points.map { [.float($0.centre.x), .float($0.centre.y), .float($0.centre.z)] }
    #expect(centres == row.value["centres_xyz"]?.elements ?? [])
    #expect(picks.points.map { $0.score.map(PythonValue.float) ?? .null } == row.value["scores"]?.elements)
    #expect(picks.points.map { $0.instance.map(PythonValue.int) ?? .null } == row.value["instance_ids"]?.elements)
  }

  @Test func hasAllFixtures() { #expect(Self.rows.count == 27) }

  /// Files that copick wrote, byte by byte.
  @Test(arguments: [
    "octopi-run/overlay/ExperimentRuns/TS_1/Picks/octopi_1_apo-ferritin.json", "octopi-run/overlay/ExperimentRuns/TS_1/Picks/octopi_1_ribosome.json",
    "octopi-run/overlay/ExperimentRuns/TS_2/Picks/octopi_1_ribosome.json", "project/overlay/ExperimentRuns/TS_1/Picks/octopi_1_ribosome.json",
    "project/static/ExperimentRuns/TS_1/Picks/curation_0_ribosome.json", "project/static/ExperimentRuns/TS_1/Picks/curation_0_apo-ferritin.json",
  ])
  func bytes(name: String) throws {
    let bytes = try TestData.bytes("copick-fixtures/" + name)
    #expect(try Picks(json: bytes, file: name).json == String(decoding: bytes, as: UTF8.self))
  }

  func file(_ points: String) -> String { #"{"pickable_object_name": "a", "user_id": "u", "session_id": "1", "points": \#(points)}"# }

  @Test(arguments: [
    (#"[{"location": {"x": 1, "y": 2}}]"#, "points[0].location.z is missing"), (#"[{}]"#, "points[0].location is missing"),
    (#"[{"location": {"x": 1, "y": 2, "z": null}}]"#, "points[0].location.z: null is not a number"),
    (#"[{"location": {"x": 1, "y": 2, "z": NaN}}]"#, "points[0].location.z: NaN is not a finite number"),
    (#"[{"location": {"x": 1, "y": 2, "z": 3}, "instance_id": 1.5}]"#, "points[0].instance_id: 1.5 is not an integer"),
    (#"[{"location": {"x": 1, "y": 2, "z": 3}, "transformation_": [[1,0,0,0],[0,1,0,0],[0,0,1,0]]}]"#, "points[0].transformation_ has 3 rows"),
    (#"[{"location": {"x": 1, "y": 2, "z": 3}, "transformation_": [[1,0,0]]}]"#, "points[0].transformation_[0] has 3 numbers"),
    (#"[{"location": {"x": 1, "y": 2, "z": 3}, "transformation_": [[1,0,0,0],[0,1,0,0],[0,0,1,0],[0,0,1,1]]}]"#, "points[0].transformation_: the last row is not 0, 0, 0, 1"),
    (#"[{"location": {"x": 1, "y": 2, "z": 3}, "transformation_": null}]"#, "points[0].transformation_: null is not a list"),
    (#"{}"#, "points: {} is not a list"),
  ])
  func messages(points: String, message: String) {
    let error = #expect(throws: CopickError.self) { try Picks(json: Array(file(points).utf8), file: "p") }
    #expect(error?.message == "'p': " + message)
  }

  @Test func unitsAndIds() {
    func message(_ text: String) -> String? { #expect(throws: CopickError.self) { try Picks(json: Array(text.utf8), file: "p") }?.message }
    #expect(message(#"{"pickable_object_name": "a", "user_id": "u", "session_id": "1", "unit": "pixel"}"#) == "'p': unit is 'pixel', only angstrom is supported")
    #expect(message(#"{"pickable_object_name": "a", "user_id": "u", "session_id": "1", "unit": null}"#) == "'p': unit: null is not text")
    #expect(message(#"{"pickable_object_name": "a", "user_id": "u", "session_id": 1}"#) == "'p': session_id: 1 is not text")
    #expect(message("[]") == "'p': [] is not an object")
  }
}

@Suite("Writing into a project")
struct ProjectWritingTests {
  let folder: TemporaryFolder
  let project: Project
  init() throws { (folder, project) = try CopickFixtures.copy("project") }

  let point = Picks.Point(x: 1, y: 2, z: 3)

  @Test func picks() throws {
    let run = try project.runs(named: ["TS_2"])[0], outputs = Outputs()
    let target = try PicksTarget(user: "my_user", session: "1")
    #expect(target.warnings.map(\.message) == ["user 'my_user' is written 'my-user' in file names"])
    try outputs.lock(run.picksSet(target))
    let path = folder.path("p/overlay/ExperimentRuns/TS_2/Picks/my-user_1_ribosome.json")
    #expect(try run.write([], of: "ribosome", target, existing: .refuse, to: outputs) == .none)
    #expect(try run.write([point], of: "ribosome", target, existing: .refuse, to: outputs) == .written(path: path))
    #expect(throws: OutputError.exists(path: path)) { try run.write([point], of: "ribosome", target, existing: .refuse, to: outputs) }
    #expect(throws: OutputError.exists(path: path)) { try run.write([], of: "ribosome", target, existing: .refuse, to: outputs) }
    #expect(try Picks(file: path).points == [point])
    #expect(try run.write([], of: "ribosome", target, existing: .replace, to: outputs) == .emptied(path: path))
    let picks = try Picks(file: path)
    #expect(picks.points == [] && picks.run == "TS_2" && picks.user == "my-user")
    outputs.abandon()
    #expect(!folder.tree().contains { $0.hasSuffix(".lock") })
  }

  @Test func refusesWhatTheStaticRootHas() throws {
    let run = try project.runs(named: ["TS_1"])[0]
    let error = #expect(throws: CopickError.self) { try run.picksPath(of: "ribosome", PicksTarget(user: "curation", session: "0")) }
    #expect(error?.kind == .cannotCreate)
    #expect(error?.message == "'\(folder.path("p"))/static/ExperimentRuns/TS_1/Picks/curation_0_ribosome.json' is in the read-only part of the project")
    #expect(error?.remedy == "use --pick-session-id 2")
    let ours = folder.path("p/static/ExperimentRuns/TS_1/Segmentations/10.000_octopi_3_x-multilabel.zarr")
    try folder.write("", to: "p/static/ExperimentRuns/TS_1/Segmentations/10.000_octopi_3_x-multilabel.zarr/.zgroup")
    try folder.write("", to: "p/overlay/ExperimentRuns/TS_1/Segmentations/10.000_octopi_2_x-multilabel.zarr/.zgroup")
    let store = #expect(throws: CopickError.self) { try run.labelStore(SegmentationTarget("x:octopi/3"), at: VoxelSpacing(10)) }
    #expect(store?.message == "'\(ours)' is in the read-only part of the project")
    #expect(store?.remedy == "use --seg-uri x:octopi/4")
    #expect(try run.labelStore(SegmentationTarget("x:octopi/3"), at: VoxelSpacing(13.48)).hasSuffix("overlay/ExperimentRuns/TS_1/Segmentations/13.480_octopi_3_x-multilabel.zarr"))
  }

  /// The labels of a run of octopi, written again: the same files, the same bytes but for what the compressor may choose.
  @Test func labelsAsOctopiWritesThem() throws {
    let (folder, project) = try CopickFixtures.copy("octopi-run")
    let run = try project.runs(named: ["TS_1"])[0], spacing = VoxelSpacing(10)
    let golden = try #require(try run.segmentation(SegmentationTarget("predict"), at: spacing)).entry
    let pool = ThreadPool(threads: 2), outputs = Outputs()
    let image = try ImageGroup(golden.path, .segmentation, expected: spacing)
    guard case .uint8(let labels) = try image.array.read() else { throw OutputError.interrupted(path: golden.path) }
    let path = try run.labelStore(SegmentationTarget("predict:octopi/2"), at: spacing)
    let store = try outputs.folder(at: path, existing: .refuse)
    let writer = try LabelStore(shape: image.shape, spacing: spacing, to: store, on: pool)
    try writer.write(labels.span, of: VolumeBox(image.shape))
    try writer.finish()
    try store.commit()

    func files(_ session: String) -> [String] {
      folder.tree().filter { $0.contains("TS_1") && $0.contains("octopi_\(session)_predict-multilabel.zarr/") }.map { $0.replacing("octopi_\(session)_", with: "") }
    }
    #expect(files("2") == files("1") && files("1").count > 5)
    for name in [".zattrs", ".zgroup", "0/.zarray"] {
      #expect(try InputFile.bytes(of: golden.path + "/" + name, what: "file") == InputFile.bytes(of: path + "/" + name, what: "file"))
    }
    #expect(try ImageGroup(path, .segmentation, expected: spacing).array.read() == .uint8(labels))
    let error = #expect(throws: OutputError.self) { try outputs.folder(at: path, existing: .refuse) }
    #expect(error?.message == "'\(path)' exists already")
  }

  static let segmentLog = Result { () throws(CopickError) in
    SegmentLog(
      configuration: "config.json", tomogram: try TomogramURI("wbp@10"),
      labels: [.init(name: "apo-ferritin", value: 2), .init(name: "ribosome", value: 1), .init(name: "membrane", value: 3)],
      modelConfigurations: ["model_config.yaml"], weights: ["best_model.pth"], windowBatch: 4, overlap: 0.5, augmentations: 4, target: try SegmentationTarget("predict"))
  }

  @Test func logsByteByByte() throws {
    let outputs = Outputs()
    try project.write(Self.segmentLog.get(), existing: .refuse, to: outputs)
    #expect(try folder.text("p/overlay/logs/segment-octopi_1_predict.yaml").utf8.elementsEqual(TestData.bytes("copick-fixtures/octopi-run/overlay/logs/segment-octopi_1_predict.yaml")))
    let log = LocalizeLog(
      configuration: "config.json", segmentation: try SegmentationTarget("predict:octopi/1"), spacing: VoxelSpacing(10),
      picks: try PicksTarget(user: "octopi", session: "1"), method: "watershed", minimumRadiusScale: 0.5, maximumRadiusScale: 1, filterSize: 10)
    try project.write(log, to: outputs)
    #expect(try folder.text("p/overlay/logs/localize-octopi_1.yaml").utf8.elementsEqual(TestData.bytes("copick-fixtures/octopi-run/overlay/logs/localize-octopi_1.yaml")))
    try project.write(log, to: outputs)
  }

  @Test func oneNameForOneModel() throws {
    let outputs = Outputs(), log = try Self.segmentLog.get()
    try project.write(log, existing: .refuse, to: outputs)
    try project.write(log, existing: .refuse, to: outputs)
    let other = SegmentLog(
      configuration: "config.json", tomogram: log.tomogram, labels: log.labels, modelConfigurations: [], weights: ["other.onnx"], windowBatch: 4, overlap: 0.5,
      augmentations: 4, target: log.target)
    let error = #expect(throws: CopickError.self) { try project.write(other, existing: .refuse, to: outputs) }
    #expect(error?.kind == .cannotCreate)
    #expect(error?.message == "'\(project.overlay)/logs/segment-octopi_1_predict.yaml' was written with other weights")
    try project.write(other, existing: .replace, to: outputs)
    #expect(try folder.text("p/overlay/logs/segment-octopi_1_predict.yaml").contains("weights: [other.onnx]"))
  }

  @Test func labelsFromTheLog() throws {
    let target = try SegmentationTarget("predict")
    #expect(try project.labels(of: target) == nil)
    try folder.write("labels:\n  a: 3\n", to: "p/static/logs/segment-octopi_1_predict.yaml")
    #expect(try project.labels(of: target)?.labels == [.init(name: "a", value: 3)])
    try project.write(Self.segmentLog.get(), existing: .refuse, to: Outputs())
    let found = try #require(try project.labels(of: target))
    #expect(found.labels.map(\.name) == ["apo-ferritin", "ribosome", "membrane"])
    #expect(found.file == project.overlay + "/logs/segment-octopi_1_predict.yaml")
    // Written by a run whose ids were typed another way.
    try folder.write("labels: {b: 4}\n", to: "p/overlay/logs/segment-my-user_1_predict.yaml")
    #expect(try project.labels(of: SegmentationTarget("predict:my_user/1"))?.labels == [.init(name: "b", value: 4)])
  }

  @Test(arguments: [("labels:\n  a: x\n", "labels: 'a' has no label from 1 on"), ("inputs: {}\n", "labels is missing"), ("a: [", "it is not YAML"), ("", "labels is missing")])
  func damagedLogs(text: String, problem: String) throws {
    try folder.write(text, to: "p/overlay/logs/segment-octopi_1_predict.yaml")
    let error = #expect(throws: CopickError.self) { try project.labels(of: SegmentationTarget("predict")) }
    #expect(error?.kind == .damaged)
    #expect(error?.message == "'\(project.overlay)/logs/segment-octopi_1_predict.yaml': \(problem)")
  }

  /// Ids are in names of logs as typed, but never lead out of the folder.
  @Test func slashesInIds() throws {
    let log = try Self.segmentLog.get()
    let target = try SegmentationTarget("x:u/../../../../out")
    let other = SegmentLog(
      configuration: "c", tomogram: log.tomogram, labels: log.labels, modelConfigurations: [], weights: [], windowBatch: 4, overlap: 0.5, augmentations: 4, target: target)
    try project.write(other, existing: .refuse, to: Outputs())
    #expect(folder.tree().contains("p/overlay/logs/segment-u_..-..-..-..-out_x.yaml"))
    #expect(try project.labels(of: target)?.labels == log.labels)
  }
}
