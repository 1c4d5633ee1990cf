import Foundation
@testable import Octopi
import TestSupport
import Testing

@Suite("Tomograms outside of projects")
struct TomogramFileTests {
  struct Size: Sendable, CustomTestStringConvertible {
    let name: String
    /// Edges along x, y, z as the header has them.
    let edges: [Float]
    var given: Double?
    /// Nil where it is refused.
    let spacing: Double?
    /// The warning, or the error.
    var text: String?
    var testDescription: String { name }
  }

  static let sizes: [Size] = [
    Size(name: "equal", edges: [10, 10, 10], spacing: 10),
    Size(name: "float32 of 13.48", edges: [13.48, 13.48, 13.48], spacing: 13.48),
    Size(name: "three roundings", edges: [13.2816, 13.28, 13.279], spacing: 13.28),
    Size(name: "three roundings, given", edges: [13.2816, 13.28, 13.279], given: 13.28, spacing: 13.28),
    Size(name: "two decimals", edges: [7.84, 7.85, 7.84], spacing: 7.84),
    Size(name: "unequal", edges: [10, 10, 12], spacing: nil, text: "'a.mrc' has voxels of 10 x 10 x 12 A (x, y, z), which are no cubes"),
    Size(
      name: "unequal, given", edges: [10, 10, 12], given: 10, spacing: 10,
      text: "'a.mrc': its header says voxels of 10, 10, 12 A; --voxel-size 10 counts"),
    Size(name: "zero", edges: [0, 0, 0], spacing: nil, text: "'a.mrc' does not say how large its voxels are"),
    Size(name: "zero, given", edges: [0, 0, 0], given: 10, spacing: 10),
    Size(name: "one zero", edges: [10, 10, 0], spacing: nil, text: "'a.mrc' does not say how large its voxels are"),
    Size(name: "NaN", edges: [.nan, 10, 10], spacing: nil, text: "'a.mrc' does not say how large its voxels are"),
    Size(name: "negative", edges: [-10, -10, -10], spacing: nil, text: "'a.mrc' does not say how large its voxels are"),
    Size(
      name: "one", edges: [1, 1, 1], spacing: 1,
      text: "'a.mrc': its header says voxels of 1 A, which mostly means \"not set\"; taken as they are, a radius of 50 A is 50 voxels"),
    Size(
      name: "one, given", edges: [1, 1, 1], given: 10, spacing: 10,
      text: "'a.mrc': its header says voxels of 1 A, which mostly means \"not set\"; --voxel-size 10 counts"),
    Size(name: "given within one percent", edges: [10, 10, 10], given: 10.09, spacing: 10.09),
    Size(
      name: "given off", edges: [10, 10, 10], given: 10.2, spacing: 10.2, text: "'a.mrc': its header says voxels of 10 A; --voxel-size 10.2 counts"),
  ]

  /// Each with the usual stamp and with none.
  @Test(arguments: sizes, [[0x44, 0x44, 0, 0], [0, 0, 0, 0]] as [[UInt8]])
  func voxelSize(_ size: Size, stamp: [UInt8]) throws {
    var header = BallCase.mrc(0, imodFlags: 0)
    header.stamp = stamp
    header.cell = zip(size.edges, BallCase.size.reversed()).map { $0 * Float($1) }
    let folder = try TemporaryFolder(), path = folder.path("a.mrc")
    try folder.write(header.file(BallCase.values), to: "a.mrc")
    guard let spacing = size.spacing else {
      let error = #expect(throws: VoxelSizeError.self) { try TomogramFile(path, spacing: size.given.map(VoxelSpacing.init)) }
      #expect(error?.kind == .damaged)
      #expect(error?.message.replacing(folder.path + "/", with: "") == size.text)
      #expect(error?.remedy?.contains("--voxel-size") == true)
      return
    }
    let file = try TomogramFile(path, spacing: size.given.map(VoxelSpacing.init))
    #expect(file.spacing.angstrom == spacing)
    #expect(file.warnings.map { $0.message.replacing(folder.path + "/", with: "") } == size.text.map { [$0] } ?? [])
  }

  /// Parts of the cell other than its voxels: old files of one part, and none.
  @Test(arguments: [[1, 1, 1], [0, 0, 0], [64, 56, 48]])
  func partsOfTheCell(intervals: [Int]) throws {
    var header = BallCase.mrc(0)
    header.intervals = intervals
    header.cell = zip(intervals, [32, 28, 24]).map { 5 * Float($0 == 0 ? $1 : $0) }
    let folder = try TemporaryFolder()
    try folder.write(header.file(BallCase.values), to: "a.mrc")
    #expect(try TomogramFile(folder.path("a.mrc")).spacing.angstrom == 5)
  }

  @Test func bytesThatAreTooHighToBeSigned() throws {
    var header = BallCase.mrc(0)
    header.range = (0, 200)
    let folder = try TemporaryFolder()
    try folder.write(header.file(BallCase.values), to: "a.st")
    let warnings = try TomogramFile(folder.path("a.st")).warnings.map(\.message)
    #expect(warnings.count == 2)
    #expect(warnings[0].hasSuffix("bytes without IMOD's mark are signed, but its header gives values up to 200"))
    #expect(warnings[1].hasSuffix("names in .st mostly belong to stacks of images, not to tomograms"))
  }

  /// Stores that zarr-python 2 and 3 wrote: sharding, zstd, blosc, gzip, crc32c; units.
  @Test(arguments: [
    ("v2-gzip-nanometer-1.348", 13.48, nil), ("v2-zstd-angstrom-10", 10, nil), ("v3-sharded-zstd-angstrom-10", 10, nil),
    ("v3-gzip-micrometer-0.001", 10, nil), ("v3-blosc-angstrom-7.84", 7.84, nil),
    ("v2-blosc-no-unit-1", 1, "its attributes say voxels of 1 A, which mostly means \"not set\"; taken as they are, a radius of 50 A is 50 voxels"),
    ("v2-plain", nil, nil), ("v3-plain", nil, nil),
  ] as [(String, Double?, String?)])
  func zarrStores(name: String, spacing: Double?, warning: String?) throws {
    let path = TestData.root.appending(path: "zarr-files/\(name).zarr").path
    if spacing == nil {
      #expect(throws: VoxelSizeError.notSaid(file: path)) { try TomogramFile(path) }
    }
    let file = try TomogramFile(path, spacing: spacing == nil ? VoxelSpacing(12) : nil)
    #expect(abs(file.spacing.angstrom - (spacing ?? 12)) < 1e-9)
    #expect(file.warnings.map(\.message) == warning.map { ["'\(path)': \($0)"] } ?? [])
    #expect(file.shape == VolumeShape(z: 5, y: 6, x: 7))
    var source = file.source()
    for box in [VolumeBox(file.shape), VolumeBox(z: 1..<4, y: 2..<6, x: 3..<7)] {
      let block = try source.read(box)
      var wanted: [Float] = []
      for z in box.z { for y in box.y { for x in box.x { wanted.append(Float(31 * z + 7 * y + 3 * x)) } } }
      #expect((0..<block.count).map(block.value) == wanted)
    }
  }

  /// A tomogram of a project given as a file: the folder's number counts.
  @Test func theFolderOfAProjectCounts() throws {
    let folder = try TemporaryFolder(), path = folder.path("VoxelSpacing13.480/wbp.zarr")
    try FileManager.default.createDirectory(atPath: folder.path("VoxelSpacing13.480"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: TestData.root.appending(path: "zarr-files/v2-blosc-no-unit-1.zarr").path, toPath: path)
    let file = try TomogramFile(path)
    #expect(file.spacing.angstrom == 13.48)
    #expect(
      file.warnings.map(\.message) == [
        "'\(path)': its attributes say voxels of 1.0 A (no unit given, angstrom assumed), its folder says 13.48 A; the folder counts"
      ])
  }

  /// The converter of microscopes' files: big-endian planes without packing, five axes one folder deeper.
  @Test func bigEndianPlanesAndFiveAxes() throws {
    let folder = try TemporaryFolder(), size = BallCase.size
    func array(_ shape: String, _ chunks: String) -> String {
      #"{"zarr_format":2,"shape":[\#(shape)],"chunks":[\#(chunks)],"dtype":">u2","compressor":null,"filters":null,"fill_value":0,"order":"C","dimension_separator":"/"}"#
    }
    try folder.write(array("24,28,32", "1,28,32"), to: "a.zarr/0/.zarray")
    try folder.write(array("1,1,24,28,32", "1,1,1,28,32"), to: "b.zarr/0/0/.zarray")
    try folder.write(#"{"bioformats2raw.layout": 3}"#, to: "b.zarr/.zattrs")
    for z in 0..<size[0] {
      let plane = BallCase.values[z * size[1] * size[2]..<(z + 1) * size[1] * size[2]].flatMap { [0, $0] as [UInt8] }
      try folder.write(plane, to: "a.zarr/0/\(z)/0/0")
      try folder.write(plane, to: "b.zarr/0/0/0/0/\(z)/0/0")
    }
    var source = try TomogramFile(folder.path("a.zarr"), spacing: VoxelSpacing(10)).source()
    guard case .uint16(let voxels) = try source.read(VolumeBox(source.shape)) else { return #expect(Bool(false), "uint16") }
    #expect(voxels == BallCase.values.map(UInt16.init))
    let error = #expect(throws: ZarrError.self) { try TomogramFile(folder.path("b.zarr"), spacing: VoxelSpacing(10)) }
    #expect(error?.kind == .damaged)
    #expect(error?.message == "'\(folder.path("b.zarr"))' holds its image one folder deeper: '0/0' has 5 axes (1, 1, 24, 28, 32)")
    #expect(error?.remedy == "write a volume of the three axes z, y, x as array '0' of its own store: array[0, 0] in zarr-python")
  }

  @Test(arguments: [
    ("s3://bucket/TS_1/t.mrc", "copy it here: aws s3 cp s3://bucket/TS_1/t.mrc ."), ("s3://bucket/wbp.zarr", "copy it here: aws s3 cp --recursive s3://bucket/wbp.zarr wbp.zarr"),
    ("https://host/my file.mrc", "copy it here: curl -LO 'https://host/my file.mrc'"), ("ssh://host/data/t.rec", "copy it here: scp scp://host/data/t.rec ."),
  ])
  func otherMachines(url: String, remedy: String) {
    let error = #expect(throws: RemoteFileError.self) { try TomogramFile(url) }
    #expect(error?.kind == .unsupported && error?.message == "'\(url)': only local files are read")
    #expect(error?.remedy == remedy)
  }

  @Test(arguments: [
    ("a.mrc", "a"), ("x/y/tomo.rec", "tomo"), ("TS_1.ome.zarr/", "TS_1"), ("b.zarr", "b"), ("c.MAP", "c"), ("d", "d"), (".mrc", ".mrc"), ("e.mrc.rec", "e.mrc"),
  ])
  func stems(path: String, stem: String) { #expect(TomogramFile.stem(of: path) == stem) }
}
