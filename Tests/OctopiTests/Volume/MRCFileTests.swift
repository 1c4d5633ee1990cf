import Foundation
@testable import Octopi
import TestSupport
import Testing

@Suite("MRC files")
struct MRCFileTests {
  /// Files that mrcfile wrote: types, byte orders, an extended header, orders of axes.
  static let goldens = (try? FileManager.default.contentsOfDirectory(atPath: TestData.root.appending(path: "mrc").path))?.sorted() ?? []

  @Test func goldensAreThere() { #expect(Self.goldens.count == 15) }

  @Test(arguments: goldens)
  func readsWhatMrcfileWrote(name: String) throws {
    let file = try MRCFile(TestData.root.appending(path: "mrc/\(name)").path)
    #expect(file.shape == VolumeShape(z: 3, y: 4, x: 5))
    #expect(file.warnings.isEmpty)
    for edge in try #require(file.spacing) { #expect(abs(edge - 13.48) < 2e-6) }
    // The whole, parts along each axis, single voxels.
    let boxes = [
      VolumeBox(file.shape), VolumeBox(z: 1..<3, y: 0..<4, x: 0..<5), VolumeBox(z: 0..<3, y: 1..<3, x: 0..<5), VolumeBox(z: 0..<3, y: 0..<4, x: 2..<4),
      VolumeBox(z: 2..<3, y: 3..<4, x: 4..<5), VolumeBox(z: 1..<2, y: 2..<4, x: 0..<3),
    ]
    for box in boxes {
      let block = try file.read(box)
      #expect(block.element == file.element)
      var wanted: [Float] = []
      for z in box.z { for y in box.y { for x in box.x { wanted.append(Self.value(z, y, x, file.element)) } } }
      #expect((0..<block.count).map(block.value) == wanted, "\(box)")
    }
  }

  private static func value(_ z: Int, _ y: Int, _ x: Int, _ element: VoxelElement) -> Float {
    let k = Float(31 * z + 7 * y + 3 * x)
    switch element {
    case .uint16: return k
    case .float16, .float32: return (k - 20) / 4
    default: return k - 20
    }
  }

  /// Stamps as found in the wild: the numbers decide, whatever the stamp says.
  @Test(arguments: [[0x44, 0x44, 0, 0], [0x44, 0x41, 0, 0], [0x11, 0x11, 0, 0], [0, 0, 0, 0], [0x12, 0x34, 0x56, 0x78]] as [[UInt8]], [false, true])
  func anyStampAndByteOrder(stamp: [UInt8], isBigEndian: Bool) throws {
    var header = MRCBytes(size: [2, 3, 4], mode: 1)
    (header.stamp, header.isBigEndian) = (stamp, isBigEndian)
    let values = (0..<24).map { Int16($0 * 1000 - 12000) }
    let folder = try TemporaryFolder()
    try folder.write(header.file(littleEndianBytes(values.map { isBigEndian ? $0.byteSwapped : $0 })), to: "a.mrc")
    let file = try MRCFile(folder.path("a.mrc"))
    guard case .int16(let read) = try file.read(VolumeBox(file.shape)) else { return #expect(Bool(false), "int16") }
    #expect(read == values)
    #expect(file.spacing == [10, 10, 10])
  }

  /// Where sizes, mode and axes fit both byte orders, the stamp decides.
  @Test(arguments: [false, true])
  func theStampDecidesWhereNothingElseDoes(isBigEndian: Bool) throws {
    // 0x010101 backwards is 0x01010100: too long; 0x00010100 is its own mirror.
    var header = MRCBytes(size: [1, 1, 65792], mode: 0)
    header.axes = [0, 0, 0]
    header.isBigEndian = isBigEndian
    header.stamp = isBigEndian ? [0x11, 0x11, 0, 0] : [0x44, 0x44, 0, 0]
    #expect(try MRCHeader(header.file([]), file: "a.mrc", fileBytes: 1024 + 65792).isBigEndian == isBigEndian)
  }

  struct Bad: Sendable, CustomTestStringConvertible {
    let name: String, kind: FailureKind, message: String
    var bytes: [UInt8] = []
    var change: @Sendable (inout MRCBytes) -> Void = { _ in }
    var testDescription: String { name }
  }

  static let bad: [Bad] = [
    Bad(name: "empty", kind: .damaged, message: "'a.mrc' has 0 bytes, the header of an MRC file has 1024", bytes: [0]),
    Bad(
      name: "text", kind: .damaged, message: "'a.mrc' is not an MRC file: neither 'MAP ' at byte 208 nor a size, a mode and axes that can be",
      bytes: Array(repeating: UInt8(ascii: "x"), count: 2000)),
    Bad(name: "gzip", kind: .unsupported, message: "'a.mrc' is packed with gzip, which is not read", bytes: [0x1F, 0x8B, 8, 0]),
    Bad(name: "hdf5", kind: .unsupported, message: "'a.mrc' is an HDF5 file, which is not read", bytes: [0x89] + Array("HDF\r\n".utf8)),
    Bad(name: "tiff", kind: .unsupported, message: "'a.mrc' is a TIFF file, which is not read", bytes: Array("II*\0....".utf8)),
    Bad(
      name: "truncated", kind: .damaged, message: "'a.mrc' is damaged: it has 1071 bytes, a header and 2 x 3 x 4 voxels of 2 bytes are 1072 bytes",
      bytes: [1]),
    Bad(
      name: "oversized", kind: .damaged, message: "'a.mrc' is damaged: it has 1073 bytes, a header and 2 x 3 x 4 voxels of 2 bytes are 1072 bytes",
      bytes: [2]),
    Bad(
      name: "no columns", kind: .damaged, message: "'a.mrc' is damaged: the size nx, ny, nz (bytes 0 to 11) of its header is 0, 3, 2",
      change: { $0.size = [2, 3, 0] }),
    Bad(
      name: "negative", kind: .damaged, message: "'a.mrc' is damaged: the size nx, ny, nz (bytes 0 to 11) of its header is 4, -3, 2",
      change: { $0.size = [2, -3, 4] }),
    Bad(
      name: "absurd", kind: .damaged, message: "'a.mrc' is damaged: the size nx, ny, nz (bytes 0 to 11) of its header is 2147483647, 3, 2",
      change: { $0.size = [2, 3, 2_147_483_647] }),
    Bad(
      name: "too large to address", kind: .damaged,
      message: "'a.mrc' is damaged: the size nx, ny, nz (bytes 0 to 11) of its header is 16777216 x 16777216 x 16777216: more than can be addressed",
      change: { $0.size = [1 << 24, 1 << 24, 1 << 24] }),
    Bad(
      name: "axis twice", kind: .damaged,
      message: "'a.mrc' is damaged: the order of axes mapc, mapr, maps (bytes 64 to 75) of its header is 1, 1, 3, not an order of 1, 2, 3",
      change: { $0.axes = [1, 1, 3] }),
    Bad(
      name: "negative extended header", kind: .damaged,
      message: "'a.mrc' is damaged: the length of the extended header, nsymbt (bytes 92 to 95) of its header is -1, of 48 bytes behind the header",
      change: { $0.extended = -1 }),
    Bad(
      name: "endless extended header", kind: .damaged,
      message:
        "'a.mrc' is damaged: the length of the extended header, nsymbt (bytes 92 to 95) of its header is 2000000000, of 65584 bytes behind the header",
      change: { $0.extended = 2_000_000_000 }),
    Bad(name: "mode 3", kind: .unsupported, message: "'a.mrc' has values of mode 3 (complex numbers of 16-bit integers)", change: { $0.mode = 3 }),
    Bad(name: "mode 4", kind: .unsupported, message: "'a.mrc' has values of mode 4 (complex numbers of 32-bit floats)", change: { $0.mode = 4 }),
    Bad(name: "mode 101", kind: .unsupported, message: "'a.mrc' has values of mode 101 (4-bit integers)", change: { $0.mode = 101 }),
    Bad(name: "mode 99", kind: .unsupported, message: "'a.mrc' has values of mode 99", change: { $0.mode = 99 }),
    Bad(
      name: "stack", kind: .damaged, message: "'a.mrc' is a stack of 2 volumes of 1 sections each",
      change: {
        $0.spaceGroup = 401
        $0.intervals = [4, 3, 1]
      }),
  ]

  @Test(arguments: bad)
  func refuses(_ bad: Bad) throws {
    var header = MRCBytes(size: [2, 3, 4], mode: 1)
    bad.change(&header)
    var bytes = header.file([UInt8](repeating: 0, count: 48))
    switch bad.bytes {
    case []: break
    case [0]: bytes = []
    case [1]: bytes.removeLast()
    case [2]: bytes.append(0)
    default: bytes = bad.bytes
    }
    let folder = try TemporaryFolder()
    try folder.write(bytes, to: "a.mrc")
    let error = #expect(throws: MRCError.self) { try MRCFile(folder.path("a.mrc")) }
    #expect(error?.kind == bad.kind)
    #expect(error?.message.replacing(folder.path + "/", with: "") == bad.message)
  }

  @Test func missingFilesAndFolders() throws {
    let folder = try TemporaryFolder()
    #expect(throws: MRCError.missing(file: folder.path("a.mrc"))) { try MRCFile(folder.path("a.mrc")) }
    #expect(throws: MRCError.notMRC(file: folder.path, what: "is a folder, not an MRC file", remedy: nil)) { try MRCFile(folder.path) }
  }

  /// No header makes the reader trap, whatever four bytes are changed.
  @Test func changedHeadersAreReadOrRefused() throws {
    let header = MRCBytes(size: [2, 3, 4], mode: 2), whole = header.file([UInt8](repeating: 0, count: 96))
    var read = 0, refused = 0
    for word in 0..<54 {
      for value: UInt32 in [0, 1, 0x7F, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x7F80_0000, 0x0100_0000] {
        var bytes = whole
        bytes.replaceSubrange(4 * word..<4 * word + 4, with: littleEndianBytes([value]))
        do throws(MRCError) {
          let header = try MRCHeader(bytes, file: "a.mrc", fileBytes: bytes.count)
          #expect(header.shape.count == 24)
          read += 1
        } catch {
          refused += 1
        }
      }
    }
    #expect(read > 300 && refused > 40)
  }
}
