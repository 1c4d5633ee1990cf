import Kernels
import TestSupport
import Testing

@testable import Octopi

@Suite("OME-Zarr image groups", .tags(.format))
struct ZarrImageGroupTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private static let counted = ArrayValues.uint8(Array(0..<24))
  private static let countedV3 = ArrayValues.uint8(Array(100..<124))

  private func open(_ role: ImageGroup.Role = .tomogram, spacing: Double = 10) throws(ZarrError) -> ImageGroup {
    try ImageGroup(folder.path, role, expected: VoxelSpacing(spacing))
  }

  private func expectValues(_ want: ArrayValues = counted, warnings: [String] = [], role: ImageGroup.Role = .tomogram) throws {
    let image = try open(role)
    #expect(image.shape == VolumeShape(z: 2, y: 3, x: 4))
    #expect(try image.array.read() == want)
    #expect(image.warnings.map { $0.message.replacing(folder.path, with: "S") } == warnings)
  }

  private func expectError(_ kind: FailureKind, _ message: String, _ remedy: String? = nil, role: ImageGroup.Role = .tomogram) {
    let error = #expect(throws: ZarrError.self) { try open(role) }
    #expect(error?.kind == kind)
    #expect(error?.message.replacing(folder.path, with: "S") == message)
    if let remedy { #expect(error?.remedy?.replacing(folder.path, with: "S") == remedy) }
  }

  // MARK: Which array is level 0

  @Test func asCopickWritesIt() throws {
    try folder.write(#"{"zarr_format": 2}"#, to: ".zgroup")
    try folder.write("{\(imageAttributes())}", to: ".zattrs")
    try folder.array("0")
    try expectValues()
    #expect(try open().spacing == [10, 10, 10])
  }

  @Test func withoutAttributes() throws {
    try folder.array("0")
    try expectValues()
    try expectValues(warnings: ["'S' has no .zattrs: its writing may have been interrupted"], role: .segmentation)
  }

  @Test func attributesThatAreNoJSON() throws {
    try folder.write("{not json", to: ".zattrs")
    try folder.array("0")
    let warning = "'S/.zattrs' is not JSON: line 1, column 2: a name in double quotes is expected; it is ignored"
    try expectValues(warnings: [warning])
    try expectValues(warnings: [warning], role: .segmentation)
  }

  @Test func levelOfAnotherName() throws {
    try folder.write("{\(imageAttributes(path: "s0"))}", to: ".zattrs")
    try folder.array("s0")
    try expectValues()
    // `0` is another array: the attributes count.
    try folder.array("0", version: 3)
    try expectValues()
  }

  @Test func levelThatDoesNotExistFallsBack() throws {
    try folder.write("{\(imageAttributes(path: "s0"))}", to: ".zattrs")
    try folder.array("0")
    try expectValues()
  }

  @Test(arguments: ["..", "../other", "/etc", "a/../b", ".", "", "0/"]) func levelsOutsideOfTheStoreAreNotFollowed(path: String) throws {
    try folder.write("{\(imageAttributes(path: path))}", to: "in/.zattrs")
    try folder.array("other", version: 3)
    try folder.array("in/0")
    #expect(try ImageGroup(folder.path("in"), .tomogram).array.read() == Self.counted)
  }

  @Test func arrayInPlaceOfAGroup() throws {
    try folder.array(".")
    expectError(
      .damaged, "'S' is an array, not an image group", "move what is in it into a folder '0' and put a .zgroup beside that")
    try folder.remove("0")
    try folder.array("0", version: 3)
    try expectValues(Self.countedV3)
  }

  @Test(arguments: [(".", true), (".", false), ("/", true), ("/", false)]) func separators(separator: String, declared: Bool) throws {
    try folder.array("0", separator: separator, declared: declared)
    try expectValues()
  }

  @Test func onlyConsolidatedMetadata() throws {
    try folder.write("{}", to: ".zmetadata")
    expectError(.missing, "'S/0' has no .zarray or zarr.json: there is only a copy of its metadata in .zmetadata")
  }

  @Test func noStore() {
    let error = #expect(throws: ZarrError.self) { try ImageGroup(folder.path("none.zarr"), .tomogram) }
    #expect(error?.kind == .missing)
    #expect(error?.message == "'\(folder.path)/none.zarr/0' has no .zarray or zarr.json: there is no such store")
  }

  @Test func versionThreeCountsWhereBothAre() throws {
    try folder.write(#"{"zarr_format": 2}"#, to: ".zgroup")
    try folder.write(#"{"zarr_format": 3, "node_type": "group", "attributes": {"ome": {"version": "0.5", \#(imageAttributes())}}}"#, to: "zarr.json")
    try folder.array("0", version: 3)
    try expectValues(Self.countedV3)
    try folder.array("0")
    try folder.write("{\(imageAttributes(path: "s0"))}", to: ".zattrs")
    try folder.array("s0")
    try folder.array("0", version: 3)
    try expectValues(Self.countedV3)
  }

  @Test func missingChunkIsTheFillValue() throws {
    try folder.array("0")
    try folder.remove("0/1/0/0")
    try expectValues(.uint8(Array(0..<12) + [UInt8](repeating: 0, count: 12)))
  }

  private func expectChunkError(_ kind: FailureKind, _ message: String) throws {
    let image = try open()
    let error = #expect(throws: ZarrError.self) { try image.array.read() }
    #expect(error?.kind == kind)
    #expect(error?.message.replacing(folder.path, with: "S") == message)
    // Whatever the number of threads, it is the first.
    for threads in 1...3 {
      let again = #expect(throws: ZarrError.self) { try image.array.read(on: ThreadPool(threads: threads)) }
      #expect(again == error)
    }
    #expect(try image.array.read([0..<1, 0..<3, 0..<4]) == .uint8(Array(0..<12)))
  }

  @Test func emptyChunk() throws {
    try folder.array("0")
    try folder.write([], to: "0/1/0/0")
    try expectChunkError(.damaged, "'S/0/1/0/0' is damaged: it has 0 bytes, a chunk has 12")
  }

  @Test func folderInPlaceOfAChunk() throws {
    try folder.array("0")
    try folder.remove("0/1/0/0")
    try folder.write([1], to: "0/1/0/0/x")
    try expectChunkError(.damaged, "'S/0/1/0/0' is damaged: it is a folder, not a file")
  }

  @Test func fileInPlaceOfAFolder() throws {
    try folder.array("0")
    try folder.remove("0/1")
    try folder.write([1], to: "0/1")
    try expectChunkError(.damaged, "'S/0/1/0/0' is damaged: a file stands where a folder should be")
  }

  /// Data sets are kept as links to files that have to be fetched; what has not been is not zero.
  @Test func linkToNothing() throws {
    try folder.array("0")
    try folder.remove("0/1/0/0")
    try folder.link("0/1/0/0", to: "../../../annex/objects/xyz")
    try expectChunkError(.inputOutput, "cannot read 'S/0/1/0/0': it is a link to a file that is not there")
  }

  @Test func folderThatIsALinkToNothing() throws {
    try folder.array("0")
    try folder.remove("0/1")
    try folder.link("0/1", to: "../../elsewhere/1")
    try expectChunkError(.inputOutput, "cannot read 'S/0/1': it is a link to a folder that is not there")
  }

  @Test func chunkThatCannotBeOpened() throws {
    try folder.array("0")
    try folder.remove("0/1/0/0")
    try folder.link("0/1/0/0", to: "0")
    try expectChunkError(.inputOutput, "cannot read 'S/0/1/0/0': Too many levels of symbolic links")
  }

  // MARK: Axes

  @Test func converterOfMicroscopesFiles() throws {
    try folder.write(#"{"zarr_format": 2}"#, to: ".zgroup")
    try folder.write(#"{"bioformats2raw.layout": 3}"#, to: ".zattrs")
    try folder.array("0/0", shape: [1, 1, 24, 28, 32], dtype: ">u2")
    expectError(
      .damaged, "'S' holds its image one folder deeper: '0/0' has 5 axes (1, 1, 24, 28, 32)",
      "write a volume of the three axes z, y, x as array '0' of its own store: array[0, 0] in zarr-python")
  }

  @Test func threeAxesOneFolderDeeper() throws {
    try folder.array("0/0")
    expectError(.damaged, "'S' holds its image one folder deeper: '0/0' has 3 axes (2, 3, 4)", "move what is in 'S/0' into 'S'")
  }

  @Test(arguments: [[3, 4], [2, 2, 3, 4], [1, 1, 2, 3, 4]]) func otherThanThreeAxes(shape: [Int]) throws {
    try folder.array("0", shape: shape)
    expectError(.damaged, "'S/0' has \(shape.count) axes (\(shape.map(String.init).joined(separator: ", ")))")
    expectError(.damaged, "'S/0' has \(shape.count) axes (\(shape.map(String.init).joined(separator: ", ")))", role: .segmentation)
  }

  @Test func bigEndianEqualsLittleEndian() throws {
    try folder.array("little", shape: [24, 28, 32], dtype: "<u2")
    try folder.array("big", shape: [24, 28, 32], dtype: ">u2")
    let little = try ZarrArray(folder.path("little")).read()
    #expect(try ZarrArray(folder.path("big")).read() == little)
    #expect(little == .uint16((0..<24 * 28 * 32).map { UInt16($0) }))
  }

  @Test func axesInAnotherOrder() throws {
    try folder.write("{\(imageAttributes(axes: ["x", "y", "z"]))}", to: ".zattrs")
    try folder.array("0")
    try expectValues(warnings: ["'S': its attributes call the axes x, y, z; they are read as z, y, x"])
  }

  // MARK: Spacing

  struct Scale: CustomTestStringConvertible, Sendable {
    let scale: [Double], unit: String, warning: String?
    var testDescription: String { "\(scale) \(unit)" }
  }

  @Test(arguments: [
    Scale(scale: [13.48, 13.48, 13.48], unit: #""unit": "angstrom""#, warning: nil),
    Scale(scale: [13.48, 13.5, 13.4], unit: #""unit": "angstrom""#, warning: nil),
    Scale(scale: [1.348, 1.348, 1.348], unit: #""unit": "nanometer""#, warning: nil),
    Scale(scale: [0.001348, 0.001348, 0.001348], unit: #""unit": "micrometer""#, warning: nil),
    Scale(scale: [13.48, 13.48, 13.48], unit: "", warning: nil),
    Scale(scale: [1, 1, 1], unit: "", warning: "1.0 A (no unit given, angstrom assumed)"),
    Scale(scale: [1, 1, 1], unit: #""unit": "angstrom""#, warning: "1.0 A"),
    Scale(scale: [1.348, 1.348, 1.348], unit: #""units": "nanometer""#, warning: "1.348 A (no unit given, angstrom assumed)"),
    Scale(scale: [1.348, 1.348, 1.348], unit: #""unit": "nanometre""#, warning: "1.348 A (unit \"nanometre\" not known, angstrom assumed)"),
    Scale(scale: [13.48, 13.48, 26.96], unit: #""unit": "angstrom""#, warning: "13.48, 13.48, 26.96 A"),
    Scale(scale: [0, 0, 0], unit: #""unit": "angstrom""#, warning: "0.0 A"),
    Scale(scale: [13.48, 13.48], unit: #""unit": "angstrom""#, warning: nil),
  ]) func spacingOfTheAttributes(scale: Scale) throws {
    try folder.write("{\(imageAttributes(scale: scale.scale, unit: scale.unit))}", to: ".zattrs")
    try folder.array("0")
    let warnings = try open(spacing: 13.48).warnings.map { $0.message.replacing(folder.path, with: "S") }
    #expect(warnings == (scale.warning.map { ["'S': its attributes say voxels of \($0), its folder says 13.48 A; the folder counts"] } ?? []))
  }

  @Test func scaleOfAllLevelsMultiplies() throws {
    try folder.write(
      """
      {"multiscales": [{"axes": [{"name": "z", "unit": "angstrom"}, {"name": "y", "unit": "angstrom"}, {"name": "x", "unit": "angstrom"}],
        "datasets": [{"path": "0", "coordinateTransformations": [{"type": "scale", "scale": [1, 1, 1]}, {"type": "translation", "translation": [5, 5, 5]}]}],
        "coordinateTransformations": [{"type": "scale", "scale": [13.48, 13.48, 13.48]}]}]}
      """, to: ".zattrs")
    try folder.array("0")
    #expect(try open(spacing: 13.48).spacing == [13.48, 13.48, 13.48])
    #expect(try open(spacing: 13.48).warnings.isEmpty)
  }

  @Test(arguments: ["[]", "3", "null", #"{"multiscales": {}}"#, #"{"multiscales": []}"#, #"{"multiscales": [3]}"#,
    #"{"multiscales": [{"datasets": "x", "axes": 7}]}"#, #"{"multiscales": [{"datasets": [{"path": 0}]}]}"#])
  func attributesOfAnyFormDoNoHarm(text: String) throws {
    try folder.write(text, to: ".zattrs")
    try folder.array("0")
    try expectValues()
  }

  // MARK: What is in them

  @Test func labelsOfOctopi() throws {
    let store = "octopi-run/overlay/ExperimentRuns/TS_1/Segmentations/10.000_octopi_1_predict-multilabel.zarr"
    let image = try ImageGroup(ZarrFixtures.path(store), .segmentation, expected: VoxelSpacing(10))
    #expect(image.warnings.isEmpty)
    guard case .uint8(let labels) = try image.labels() else {
      Issue.record("labels are not bytes")
      return
    }
    #expect(labels.shape == image.shape)
    #expect(Set(labels.voxels).isSuperset(of: [0, 1, 2]))
  }

  @Test func storesOfCopick2() throws {
    let run = "project-copick2/overlay/ExperimentRuns/TS_1/"
    let wbp = try ImageGroup(ZarrFixtures.path(run + "VoxelSpacing10.000/wbp.zarr"), .tomogram, expected: VoxelSpacing(10))
    let touched = try ImageGroup(ZarrFixtures.path(run + "VoxelSpacing10.000/touched.zarr"), .tomogram, expected: VoxelSpacing(10))
    let labels = try ImageGroup(
      ZarrFixtures.path(run + "Segmentations/10.000_octopi_1_predict-multilabel.zarr"), .segmentation, expected: VoxelSpacing(10))
    for image in [wbp, touched, labels] {
      #expect(image.warnings.isEmpty)
      #expect(image.array.format == 3)
      #expect(image.spacing == [10, 10, 10])
    }
    #expect(wbp.array.type == .float32)
    #expect(labels.array.type == .uint8)
  }

  @Test func floatsAreNoLabels() throws {
    let path = ZarrFixtures.path("project/static/ExperimentRuns/TS_1/VoxelSpacing10.000/wbp.zarr")
    let error = #expect(throws: ZarrError.self) { try ImageGroup(path, .segmentation) }
    #expect(error?.message == "'\(path)/0' has values of type float32, labels are integers")
  }

  /// As a job reads it: each type as itself or as float32, in any box.
  @Test(arguments: ZarrArrayTests.Good.all.filter { $0.shape.count == 3 }) func sourceGivesTheSameValues(good: ZarrArrayTests.Good) throws {
    try folder.link("0", to: ZarrFixtures.path(good.path))
    let image = try open()
    var source: any VolumeSource = TomogramSource(image, pool: ThreadPool(threads: 2))
    let whole = try image.array.read().floats
    #expect(source.preferredBox.z >= 1 && source.preferredBox.z <= image.shape.z)
    let box = VolumeBox(z: 2..<min(11, image.shape.z), y: 0..<image.shape.y, x: 0..<image.shape.x)
    let block = try source.read(box)
    #expect(block.element == source.element)
    let first = 2 * image.shape.y * image.shape.x
    #expect(block.count == box.shape.count)
    let same = (0..<block.count).allSatisfy { block.value($0).bitPattern == whole[first + $0].bitPattern }
    #expect(same)
  }
}
