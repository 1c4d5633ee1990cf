import Foundation
import TestSupport
import Testing

@testable import Octopi

/// Tomograms as they are found in the wild, given to `octopi pick`: one volume, one network, one pick at (160, 140, 120) whatever the file.
@Suite("inputs of pick", .tags(.command))
struct PickInputTests {
  private static let pick = ["pick", "--model", "thr.onnx", "--model-config", "thr.yaml", "--objects", "config.json", "--quiet"]
  private static let labels: [UInt8] = BallCase.values.map { $0 > 0 ? 1 : 0 }

  /// The network, its configuration, and an object of this radius in ångström.
  private func folder(radius: Double = 50) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try BallCase.writeModel(to: folder)
    let object = #"{"name": "ribosome", "is_particle": true, "label": 1, "radius": \#(radius)}"#
    try folder.write(#"{"config_type": "filesystem", "overlay_root": "overlay", "pickable_objects": [\#(object)]}"#, to: "config.json")
    return folder
  }

  private func centres(_ folder: TemporaryFolder, _ name: String, out: String = "out") throws -> [ParticleCentre] {
    try Picks(file: folder.path("\(out)/\(name).ribosome.json")).points.map(\.centre)
  }

  private func expectTheBall(_ folder: TemporaryFolder, _ names: [String]) throws {
    for name in names {
      #expect(try LabelFiles.labels(folder.path("out/\(name).labels.zarr")).voxels == Self.labels, "\(name)")
      #expect(try centres(folder, name) == [ParticleCentre(x: 160, y: 140, z: 120)], "\(name)")
    }
  }

  @Test func everyEncodingGivesTheSameLabels() async throws {
    let folder = try folder(), names = BallCase.encodings.map(\.name)
    for encoding in BallCase.encodings { try folder.write(encoding.header.file(encoding.values), to: encoding.name + ".mrc") }
    let outcome = try await Program.run(Self.pick + names.map { $0 + ".mrc" } + ["-o", "out"], in: folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.errors == "")
    try expectTheBall(folder, names)
  }

  /// Byte orders, machine stamps, extended headers, and every order of axes.
  @Test func everyHeaderGivesTheSameLabels() async throws {
    let folder = try folder()
    var names: [String] = []
    func write(_ name: String, _ header: MRCBytes, _ values: [UInt8]) throws {
      names.append(name)
      try folder.write(header.file(values), to: name + ".rec")
    }
    let floats = littleEndianBytes(BallCase.values.map { Float($0).bitPattern.bigEndian }), shorts = BallCase.values.flatMap { [0, $0] as [UInt8] }
    for (name, mode, values) in [("big-f4", 2, floats), ("big-i2", 1, shorts), ("big-u2", 6, shorts)] {
      var header = BallCase.mrc(mode)
      (header.isBigEndian, header.stamp) = (true, [0x11, 0x11, 0, 0])
      try write(name, header, values)
      header.stamp = [0, 0, 0, 0]
      try write(name + "-unstamped", header, values)
    }
    for (number, stamp) in [[0, 0, 0, 0], [0x44, 0x41, 0, 0], [0x11, 0x11, 0, 0], [0x20, 0x20, 0x20, 0x20]].enumerated() {
      var header = BallCase.mrc(2)
      header.stamp = stamp.map { UInt8($0) }
      try write("stamp-\(number)", header, littleEndianBytes(BallCase.values.map(Float.init)))
    }
    for bytes in [80, 1024, 131_072] {
      var header = BallCase.mrc(0, imodFlags: 0)
      header.extended = bytes
      // What the writer puts there is at most 64 KiB.
      try write("extended-\(bytes)", header, [UInt8](repeating: 7, count: max(0, bytes - 1 << 16)) + BallCase.values)
    }
    // Columns, rows and sections along any axes: 1 is x.
    for axes in [[1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1]] {
      let size = [32, 28, 24], (columns, rows, sections) = (size[axes[0] - 1], size[axes[1] - 1], size[axes[2] - 1])
      var header = MRCBytes(size: [sections, rows, columns], mode: 0), values: [UInt8] = []
      (header.imodFlags, header.axes, header.intervals, header.cell) = (0, axes, size, size.map { 10 * Float($0) })
      for section in 0..<sections {
        for row in 0..<rows {
          for column in 0..<columns {
            var place = [0, 0, 0]
            (place[axes[0] - 1], place[axes[1] - 1], place[axes[2] - 1]) = (column, row, section)
            values.append(BallCase.values[(place[2] * 28 + place[1]) * 32 + place[0]])
          }
        }
      }
      try write("axes-" + axes.map(String.init).joined(), header, values)
    }
    let outcome = try await Program.run(Self.pick + names.map { $0 + ".rec" } + ["-o", "out"], in: folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    try expectTheBall(folder, names)
  }

  struct Refused: Sendable, CustomTestStringConvertible {
    let name: String, code: Int, message: String
    let bytes: @Sendable () -> [UInt8]
    var testDescription: String { name }
  }

  static let refused: [Refused] =
    [(3, "complex numbers of 16-bit integers", 4), (4, "complex numbers of 32-bit floats", 8), (101, "4-bit integers", 1)].map { mode, meaning, bytes in
      Refused(name: "mode \(mode)", code: 69, message: "'t.mrc' has values of mode \(mode) (\(meaning))\n        known: 0 (int8") {
        BallCase.mrc(mode).file([UInt8](repeating: 0, count: bytes * BallCase.values.count))
      }
    } + [
      Refused(name: "cut", code: 65, message: "'t.mrc' is damaged: it has 9000 bytes, a header and 24 x 28 x 32 voxels of 1 byte") {
        Array(BallCase.mrc(0).file(BallCase.values).prefix(9000))
      },
      Refused(name: "cut in the header", code: 65, message: "'t.mrc' ") { Array(BallCase.mrc(0).file(BallCase.values).prefix(700)) },
      Refused(name: "gzip", code: 69, message: "'t.mrc' is packed with gzip, which is not read\n        unpack it: gunzip 't.mrc'\n") {
        [0x1F, 0x8B, 8, 0] + [UInt8](repeating: 3, count: 2000)
      },
      Refused(name: "no file", code: 66, message: "no tomogram 't.mrc'\n        check the path; ") { [] },
    ]

  /// Before anything is written.
  @Test(arguments: refused)
  func otherFilesAreRefused(file: Refused) async throws {
    let folder = try folder(), bytes = file.bytes()
    if !bytes.isEmpty { try folder.write(bytes, to: "t.mrc") }
    let before = folder.tree()
    let outcome = try await Program.run(Self.pick + ["t.mrc", "-o", "out"], in: folder)
    #expect(outcome.code == file.code)
    #expect(outcome.errors.hasPrefix("octopi: " + file.message), "\(outcome.errors)")
    #expect(folder.tree() == before)
  }

  @Test func foldersAndEqualNames() async throws {
    let folder = try folder(), bytes = BallCase.encodings[1].header.file(BallCase.encodings[1].values)
    for path in ["a/t.mrc", "b/t.mrc", "b/t.rec"] { try folder.write(bytes, to: path) }
    let before = folder.tree()
    for pair in [["a/t.mrc", "b/t.mrc"], ["b/t.mrc", "b/t.rec"]] {
      let outcome = try await Program.run(Self.pick + pair + ["-o", "out"], in: folder)
      #expect(outcome.code == 64)
      #expect(outcome.errors.hasPrefix("octopi: '\(pair[0])' and '\(pair[1])' would both be written to 'out/t.labels.zarr'\n        rename one"))
    }
    let whole = try await Program.run(Self.pick + ["a", "-o", "out"], in: folder)
    #expect(whole.code == 65)
    #expect(whole.errors == "octopi: 'a' is a folder of files, not a tomogram\n        name the files: a/*.mrc\n")
    #expect(folder.tree() == before)
  }

  struct Size: Sendable, CustomTestStringConvertible {
    let name: String
    /// Edges along x, y, z in the header.
    let edges: [Float]
    var option: String?
    var radius = 50.0
    /// The edge that counts; nil where the file is refused.
    let edge: Double?
    var message = ""
    var testDescription: String { name }
  }

  static let sizes = [
    Size(name: "three roundings", edges: [13.2816, 13.28, 13.279], radius: 66.4, edge: 13.28),
    Size(name: "three roundings, given", edges: [13.2816, 13.28, 13.279], option: "13.28", radius: 66.4, edge: 13.28),
    Size(name: "unequal", edges: [10, 10, 12], edge: nil, message: "'t.mrc' has voxels of 10 x 10 x 12 A (x, y, z), which are no cubes\n"),
    Size(name: "zero", edges: [0, 0, 0], edge: nil, message: "'t.mrc' does not say how large its voxels are\n        give it in angstrom, e.g. --voxel-size 10"),
    Size(name: "zero, given", edges: [0, 0, 0], option: "10", edge: 10),
    Size(name: "one", edges: [1, 1, 1], radius: 5, edge: 1, message: "warning: 't.mrc': its header says voxels of 1 A, which mostly means \"not set\""),
    Size(
      name: "one, given", edges: [1, 1, 1], option: "10", edge: 10,
      message: "warning: 't.mrc': its header says voxels of 1 A, which mostly means \"not set\"; --voxel-size 10 counts"),
    Size(name: "given, within one percent", edges: [10, 10, 10], option: "10.09", edge: 10.09),
    Size(
      name: "given, off", edges: [10, 10, 10], option: "10.2", edge: 10.2,
      message: "warning: 't.mrc': its header says voxels of 10 A; --voxel-size 10.2 counts"),
  ]

  /// Each with the usual stamp and with none.
  @Test(arguments: sizes, [[0x44, 0x44, 0, 0], [0, 0, 0, 0]] as [[UInt8]])
  func voxelSizes(size: Size, stamp: [UInt8]) async throws {
    let folder = try folder(radius: size.radius)
    var header = BallCase.mrc(0, imodFlags: 0)
    (header.stamp, header.cell) = (stamp, zip(size.edges, [32, 28, 24]).map { $0 * Float($1) })
    try folder.write(header.file(BallCase.values), to: "t.mrc")
    let option = size.option.map { ["--voxel-size", $0] } ?? []
    let outcome = try await Program.run(Self.pick + ["t.mrc", "-o", "out"] + option, in: folder)
    #expect(outcome.errors.hasPrefix(size.message.isEmpty ? "" : "octopi: " + size.message), "\(outcome.errors)")
    #expect(size.message.isEmpty == outcome.errors.isEmpty)
    guard let edge = size.edge else { return #expect(outcome.code == 65 && !folder.tree().contains("out/")) }
    #expect(outcome.code == 0)
    #expect(try centres(folder, "t") == [ParticleCentre(x: 16 * edge, y: 14 * edge, z: 12 * edge)])
  }

  // MARK: Stores

  private func array(_ shape: [Int], chunks: [Int], type: String) -> String { TinyProject.metadata(shape, chunks: chunks, type: type) }

  /// A store of a project given as a file: the folder's number counts.
  @Test(arguments: [("1, 1, 1", "", "1.0 A"), ("1.348, 1.348, 1.348", #", "unit": "nanometer""#, nil), ("1.348, 1.348, 1.348", #", "units": "nanometer""#, "1.348 A")] as [(String, String, String?)])
  func theFolderOfAProjectCounts(scale: String, unit: String, said: String?) async throws {
    let folder = try folder(radius: 67.4), store = "VoxelSpacing13.480/wbp.zarr"
    let axes = ["z", "y", "x"].map { #"{"name": "\#($0)", "type": "space"\#(unit)}"# }.joined(separator: ", ")
    try folder.write(
      #"{"multiscales": [{"axes": [\#(axes)], "datasets": [{"path": "0", "coordinateTransformations": [{"type": "scale", "scale": [\#(scale)]}]}]}]}"#,
      to: store + "/.zattrs")
    try folder.write(#"{"zarr_format": 2}"#, to: store + "/.zgroup")
    try folder.write(array(BallCase.size, chunks: BallCase.size, type: "|u1"), to: store + "/0/.zarray")
    try folder.write(BallCase.values, to: store + "/0/0/0/0")
    let outcome = try await Program.run(Self.pick + [store, "-o", "out"], in: folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(try centres(folder, "wbp") == [ParticleCentre(x: 16 * 13.48, y: 14 * 13.48, z: 12 * 13.48)])
    #expect(outcome.errors.split(separator: "\n").count == (said == nil ? 0 : 1))
    if let said { #expect(outcome.errors.contains("its attributes say voxels of \(said)") && outcome.errors.contains("its folder says 13.48 A")) }
  }

  /// Converters of microscopes' formats: big-endian planes; five axes one folder deeper.
  @Test func bigEndianPlanesAndFiveAxes() async throws {
    let folder = try folder()
    try folder.write(array(BallCase.size, chunks: [1, 28, 32], type: ">u2"), to: "a.zarr/0/.zarray")
    try folder.write(array([1, 1] + BallCase.size, chunks: [1, 1, 1, 28, 32], type: ">u2"), to: "b.zarr/0/0/.zarray")
    try folder.write(#"{"bioformats2raw.layout": 3}"#, to: "b.zarr/.zattrs")
    for z in 0..<24 {
      let plane = BallCase.values[z * 28 * 32..<(z + 1) * 28 * 32].flatMap { [0, $0] as [UInt8] }
      try folder.write(plane, to: "a.zarr/0/\(z)/0/0")
      try folder.write(plane, to: "b.zarr/0/0/0/0/\(z)/0/0")
    }
    #expect(try await Program.run(Self.pick + ["a.zarr", "-vs", "10", "-o", "out"], in: folder).code == 0)
    try expectTheBall(folder, ["a"])
    let refused = try await Program.run(Self.pick + ["b.zarr", "-vs", "10", "-o", "other"], in: folder)
    #expect(refused.code == 65)
    #expect(refused.errors.hasPrefix("octopi: 'b.zarr' holds its image one folder deeper: '0/0' has 5 axes (1, 1, 24, 28, 32)\n        write a volume"))
  }

  // MARK: STAR

  /// Odd sizes: the centre is half the size, whatever the flavour makes of it.
  @Test(arguments: [
    (["relion5"], ["rlnCenteredCoordinateXAngst", "rlnCenteredCoordinateYAngst", "rlnCenteredCoordinateZAngst"], ["-145.000000", "-65.000000", "-35.000000"]),
    (["relion5", "--tilt-series-pixel-size", "1.6"], ["rlnCoordinateX", "rlnCoordinateY", "rlnCoordinateZ"], ["100.000000", "87.500000", "75.000000"]),
    (["relion4", "--tilt-series-pixel-size", "1.6"], ["rlnCoordinateX", "rlnCoordinateY", "rlnCoordinateZ"], ["100.000000", "87.500000", "75.000000"]),
    (["import"], ["rlnCenteredCoordinateXAngst", "rlnCenteredCoordinateYAngst", "rlnCenteredCoordinateZAngst"], ["-145.000000", "-65.000000", "-35.000000"]),
    (["warp"], ["rlnCoordinateX", "rlnCoordinateY", "rlnCoordinateZ"], ["16.000000", "14.000000", "12.000000"]),
  ])
  func everyFlavour(options: [String], columns: [String], wanted: [String]) async throws {
    let folder = try folder(), size = [31, 41, 61]
    var values: [UInt8] = []
    for z in 0..<31 { for y in 0..<41 { for x in 0..<61 { values.append((z - 12) * (z - 12) + (y - 14) * (y - 14) + (x - 16) * (x - 16) <= 16 ? 90 : 0) } } }
    try folder.write(MRCBytes(size: size, mode: 0).file(values), to: "t.mrc")
    let words = Self.pick + ["t.mrc", "-o", "out", "--star-flavour"] + options
    let outcome = try await Program.run(words, in: folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let isIndexed = options[0] == "import"
    if isIndexed { #expect(StarTables(try folder.text("out/t.star"))["coordinate_files"]["rlnTomoImportParticleFile"] == ["t/t.star"]) }
    let particles = StarTables(try folder.text(isIndexed ? "out/t/t.star" : "out/t.star"))["particles"]
    #expect(columns.map { particles[$0] } == wanted.map { [$0] })
    #expect(outcome.output.contains("WarpTools ts_export_particles --input_star out/t.star --coords_angpix 10 ...") == (options[0] == "warp"))
    // Nothing is computed where one of the files would be refused.
    for path in ["out/t.labels.zarr", "out/t.star", "out/t.csv", "out/t.ribosome.json", "out/preview.png", "out/preview.html", "out/summary.json"] {
      try FileManager.default.removeItem(atPath: folder.path(path))
    }
    #expect(try await Program.run(words, in: folder).code == (isIndexed ? 73 : 0))
    #expect(folder.tree().contains("out/t.labels.zarr/") == !isIndexed)
  }

  // MARK: The job

  @Test func aDryRunSaysWhatWouldBeDone() async throws {
    let folder = try folder()
    for name in ["a", "b"] { try folder.write(BallCase.encodings[1].header.file(BallCase.values), to: name + ".mrc") }
    let before = folder.tree(), words = Self.pick + ["a.mrc", "b.mrc", "-o", "out", "--dry-run"]
    let outcome = try await Program.run(words + ["--json", "--mrc", "--probabilities"], in: folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let document = try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    #expect(document["command"] as? String == "pick" && document["dry_run"] as? Bool == true)
    let files = try #require(document["files"] as? [[String: Any]])
    // 2 x 3 x 3 windows, four orientations.
    #expect(files.map { $0["windows"] as? Int } == [72, 72])
    #expect(files[0]["outputs"] as? [String] == ["labels.zarr", "labels.mrc", "probabilities.zarr", "ribosome.json", "star", "csv"].map { "out/a." + $0 })
    // Labels twice, a header, and two classes of halves.
    #expect(files[0]["disk_bytes_at_most"] as? Int == 6 * 24 * 28 * 32 + 1024)
    let text = try await Program.run(words, in: folder)
    #expect(text.output.contains("b.mrc           10 A  24 x 28 x 32       72") && text.output.hasSuffix("nothing was written\n"), "\(text.output)")
    #expect(folder.tree() == before)
  }

  /// Both would write the page of one folder.
  @Test func twoJobsForOneFolderExcludeEachOther() async throws {
    let folder = try folder(), outputs = Outputs()
    try folder.write(BallCase.encodings[1].header.file(BallCase.values), to: "a.mrc")
    try outputs.lock(folder.path("out/summary.json"))
    let before = folder.tree(), refused = try await Program.run(Self.pick + ["a.mrc", "-o", "out"], in: folder)
    #expect(refused.code == 75)
    #expect(refused.errors.hasPrefix("octopi: 'out/summary.json' is being written by process"), "\(refused.errors)")
    #expect(folder.tree() == before)
    outputs.abandon()
    #expect(try await Program.run(Self.pick + ["a.mrc", "-o", "out"], in: folder).code == 0)
  }

  /// A project's tomograms are planned as 'octopi segment' plans them.
  @Test func aDryRunOfAProject() async throws {
    let project = try TinyProject(), folder = project.folder
    try project.add("TS_1", littleEndianBytes(TinyProject.ball))
    let before = folder.tree(), words = ["pick", "-c", "config.json", "--model", "model.onnx", "--model-config", "model.yaml", "--dry-run", "--json"]
    let outcome = try await Program.run(words, in: folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let document = try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    #expect(document["command"] as? String == "pick" && document["dry_run"] as? Bool == true)
    #expect((document["runs"] as? [[String: Any]])?.map { $0["windows"] as? Int } == [72])
    #expect(folder.tree() == before)
  }

  /// What an interrupt left is kept, the rest is made; progress is one JSON object a line.
  @Test func resumingAndProgress() async throws {
    let folder = try folder()
    for name in ["a", "b"] { try folder.write(BallCase.encodings[1].header.file(BallCase.values), to: name + ".mrc") }
    let words = Self.pick.filter { $0 != "--quiet" } + ["a.mrc", "b.mrc", "-o", "out", "--mrc"]
    #expect(try await Program.run(words, in: folder).code == 0)
    let mrc = try MRCFile(folder.path("out/b.labels.mrc")).read(VolumeBox(VolumeShape(z: 24, y: 28, x: 32)))
    #expect(Self.labels.indices.allSatisfy { mrc.value($0) == Float(Self.labels[$0]) })
    let files = Projects.files(folder, under: "out/").filter { !$0.contains("preview") && !$0.hasSuffix("summary.json") }
    let bytes = try files.map { try folder.bytes($0) }
    for path in ["out/b.labels.zarr", "out/b.labels.mrc", "out/b.csv", "out/a.star", "out/preview.png"] { try FileManager.default.removeItem(atPath: folder.path(path)) }
    try folder.write("kept", to: "out/a.labels.zarr/note")
    let refused = try await Program.run(words, in: folder)
    #expect(refused.code == 73 && refused.errors.hasSuffix("or --resume to go on with what is missing\n"), "\(refused.errors)")
    let resumed = try await Program.run(words + ["--resume", "--progress", "json"], in: folder)
    #expect(resumed.code == 0, "\(resumed.errors)")
    let events = try resumed.errors.split(separator: "\n").map { line in
      try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
    }
    #expect(events.first?["windows"] as? Int == 72)
    #expect(events.filter { $0["event"] as? String == "complete" }.map { $0["run"] as? String } == ["a.mrc", "b.mrc"])
    for (file, bytes) in zip(files, bytes) { #expect(try folder.bytes(file) == bytes, "\(file)") }
    #expect(folder.tree().contains("out/a.labels.zarr/note") && folder.tree().contains("out/preview.png"))
  }

  /// A file that breaks costs itself; the command that is printed repeats it.
  @Test func oneOfSeveralFilesFails() async throws {
    let folder = try folder(), encoding = BallCase.encodings[1]
    for name in ["a", "b", "c"] { try folder.write(encoding.header.file(encoding.values), to: name + ".mrc") }
    let array = array(BallCase.size, chunks: [1, 28, 32], type: "|u1")
    try folder.write(array, to: "d.zarr/0/.zarray")
    try folder.write([1, 2, 3], to: "d.zarr/0/4/0/0")
    let words = Self.pick + ["a.mrc", "d.zarr", "c.mrc", "-vs", "10", "-o", "out"]
    let outcome = try await Program.run(words, in: folder)
    #expect(outcome.code == 3, "\(outcome.errors)")
    try expectTheBall(folder, ["a", "c"])
    let command = words.filter { $0 != "a.mrc" && $0 != "c.mrc" } + ["--resume"]
    #expect(outcome.errors.contains("2 of 3 runs complete; not: d.zarr\n        to repeat just these: octopi \(command.joined(separator: " "))\n"), "\(outcome.errors)")
    for z in 0..<24 { try folder.write(Array(encoding.values[z * 896..<(z + 1) * 896]), to: "d.zarr/0/\(z)/0/0") }
    #expect(try await Program.run(command, in: folder).code == 0)
    try expectTheBall(folder, ["d"])
  }

  /// Pages that have no room for all planes say how to see those of one file.
  @Test func pagesWithoutRoomSayHowToSeeAFile() async throws {
    let folder = try folder()
    var random = SplitMix64(seed: 4)
    for name in ["a", "b"] {
      let noise = (0..<64 * 96 * 96).map { _ in UInt8.random(in: 0..<255, using: &random) }
      var header = MRCBytes(size: [64, 96, 96], mode: 0)
      header.imodFlags = 0
      try folder.write(header.file(noise), to: name + ".mrc")
    }
    let words = Self.pick + ["a.mrc", "b.mrc", "-o", "out", "--budget", "150K", "--ntta", "1", "--overlap", "0"]
    let outcome = try await Program.run(words, in: folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let page = try folder.text("out/preview.html")
    #expect(page.contains("\"command\": \"octopi " + (words.filter { $0 != "a.mrc" } + ["--resume"]).joined(separator: " ") + "\""))
  }

  @Test func thePageLooksAsAskedFor() async throws {
    let folder = try folder()
    try folder.write(BallCase.encodings[1].header.file(BallCase.values), to: "t.mrc")
    let words = Self.pick + ["t.mrc", "--exact", "--overwrite", "-o", "out"]
    #expect(try await Program.run(words, in: folder).code == 0)
    let plain = try folder.text("out/preview.html"), picture = try folder.bytes("out/preview.png")
    #expect(plain.contains(#""opacity": 0.4, "invert": false, "yUp": false"#))
    let look = ["--slab", "0", "--z", "9", "--invert", "--y-up", "--opacity", "0.25", "--palette", "safe", "--budget", "8M"]
    let outcome = try await Program.run(words + look, in: folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(try folder.text("out/preview.html").contains(#""opacity": 0.25, "invert": true, "yUp": true"#))
    #expect(try folder.bytes("out/preview.png") != picture)
    #expect(try folder.text("out/t.star").contains(", exact\n"))
    let truth = try await Program.run(words + ["--truth", "a/1"], in: folder)
    #expect(truth.code == 64 && truth.errors.hasPrefix("octopi: --truth belongs to a project, here are files\n"))
    for (option, name) in [(["--truth", "a/1"], "--truth"), (["--invert"], "--invert")] {
      let project = try await Program.run(["pick", "-c", "config.json", "--model", "thr.onnx"] + option, in: folder)
      #expect(project.code == 64)
      #expect(project.errors.hasPrefix("octopi: \(name) is for the preview, which a project only gets with --output\n"))
    }
  }
}
