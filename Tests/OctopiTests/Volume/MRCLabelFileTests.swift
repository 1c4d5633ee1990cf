import Foundation
@testable import Octopi
import TestSupport
import Testing

@Suite("Label volumes as MRC")
struct MRCLabelFileTests {
  /// Slabs along every axis, labels that fit a byte and labels that do not.
  @Test(arguments: VolumeAxis.allCases, [127, 255])
  func whatIsWrittenIsRead(axis: VolumeAxis, highest: Int) throws {
    let shape = VolumeShape(z: 5, y: 7, x: 9), folder = try TemporaryFolder(), outputs = Outputs()
    let value = { (z: Int, y: Int, x: Int) in UInt8((41 * z + 13 * y + 5 * x) % (highest + 1)) }
    let file = try outputs.file(at: folder.path("out/l.mrc"), existing: .refuse)
    let labels = MRCLabelFile(shape: shape, spacing: VoxelSpacing(13.48), highestLabel: highest, texts: ["octopi", "line é 2", String(repeating: "x", count: 90)], to: file)
    var counts = [Int](repeating: 0, count: 256)
    for start in stride(from: 0, to: shape[axis], by: 2) {
      let box = VolumeBox(shape, axis, start..<min(start + 2, shape[axis]))
      var slab: [UInt8] = []
      for z in box.z { for y in box.y { for x in box.x { slab.append(value(z, y, x)) } } }
      for label in slab { counts[Int(label)] += 1 }
      try labels.write(slab.span, of: box)
    }
    #expect(folder.tree().filter { !$0.hasSuffix("/") && !$0.hasSuffix(".lock") } == ["out/.l.mrc.\(FileSystem.processID).partial"])
    try labels.commit(voxelsPerLabel: counts)

    let read = try MRCFile(folder.path("out/l.mrc"))
    #expect(read.shape == shape)
    #expect(read.element == (highest > 127 ? .int16 : .int8))
    let block = try read.read(VolumeBox(shape))
    var index = 0
    for z in 0..<5 {
      for y in 0..<7 {
        for x in 0..<9 {
          #expect(block.value(index) == Float(value(z, y, x)))
          index += 1
        }
      }
    }
    #expect(try TomogramFile(folder.path("out/l.mrc")).spacing.angstrom == 13.48)
    let bytes = try Data(contentsOf: URL(filePath: folder.path("out/l.mrc")))
    #expect(bytes.count == MRCLabelFile.bytes(shape: shape, highestLabel: highest))
    #expect(String(decoding: bytes[224..<240], as: UTF8.self) == "octopi          ")
    #expect(String(decoding: bytes[304..<314], as: UTF8.self) == "line ? 2  ")
    #expect(bytes[384..<464].allSatisfy { $0 == UInt8(ascii: "x") } && bytes[464] == 0)
    #expect(Array(bytes[208..<216]) == Array("MAP DD".utf8) + [0, 0])
    // Least, highest, mean and deviation, from the values.
    let values = (0..<block.count).map { Double(block.value($0)) }, mean = values.reduce(0, +) / 315
    let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 315).squareRoot()
    let words = bytes.withUnsafeBytes { raw in [19, 20, 21, 54].map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) } }
    #expect(words == [values.min(), values.max(), mean, deviation].map { Float($0 ?? .nan) })
  }

  /// Labels of other programs may be wider than a byte.
  @Test(arguments: [(127, VoxelElement.int8), (128, .int16), (32767, .int16), (32768, .uint16), (65535, .uint16)])
  func highLabelsHaveWiderModes(highest: Int, element: VoxelElement) throws {
    let folder = try TemporaryFolder(), outputs = Outputs(), shape = VolumeShape(z: 1, y: 2, x: 3)
    let labels: [Int64] = [0, 1, Int64(highest), 0, Int64(highest) - 1, 7]
    let file = MRCLabelFile(
      shape: shape, spacing: VoxelSpacing(10), highestLabel: highest, texts: [], to: try outputs.file(at: folder.path("l.mrc"), existing: .refuse))
    try file.write(integers: labels.span, of: VolumeBox(shape))
    try file.commit(voxelsPerLabel: [2, 1])
    let read = try MRCFile(folder.path("l.mrc"))
    #expect(read.element == element)
    let block = try read.read(VolumeBox(shape))
    #expect((0..<6).map { block.value($0) } == labels.map(Float.init))
  }

  @Test func aFileThatIsGivenUpLeavesNothing() throws {
    let folder = try TemporaryFolder()
    do {
      let file = try Outputs().file(at: folder.path("a/l.mrc"), existing: .refuse)
      try file.write([UInt8(1)].span, at: 5000)
    }
    #expect(folder.tree() == [])
  }

  @Test func anExistingFileIsRefusedOrReplaced() throws {
    let folder = try TemporaryFolder(), outputs = Outputs()
    try folder.write("old", to: "l.mrc")
    #expect(throws: OutputError.exists(path: folder.path("l.mrc"))) { try outputs.file(at: folder.path("l.mrc"), existing: .refuse) }
    let file = try outputs.file(at: folder.path("l.mrc"), existing: .replace)
    try file.write(Array("new!".utf8).span, at: 0)
    #expect(try folder.text("l.mrc") == "old")
    try file.commit()
    #expect(try folder.text("l.mrc") == "new!")
    #expect(folder.tree() == ["l.mrc"])
  }
}
