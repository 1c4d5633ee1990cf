import Foundation
import TestSupport
import Testing

@testable import Octopi

/// What went wrong for people elsewhere, on a network whose answer is known: label 1 where the normalised voxel is above 2.
@Suite("cases of segment", .tags(.command))
struct SegmentCasesTests {
  // MARK: Windows: steps of less than a voxel, volumes smaller than a window, every orientation

  struct Windows: Sendable, CustomTestStringConvertible {
    let shape: [Int], overlap: String, ntta: Int
    var testDescription: String { "\(shape), overlap \(overlap), \(ntta) orientations" }
    /// Of one orientation: steps are whole voxels, at least one, and the last window ends with the volume.
    var perOrientation: Int {
      shape.reduce(1) { product, size in
        let step = size <= 16 ? 16 : max(1, Int(16 * (1 - (Double(overlap) ?? 0))))
        return product * ((max(size, 16) - 16 + step - 1) / step + 1)
      }
    }
  }

  @Test(arguments: [
    Windows(shape: [20, 20, 20], overlap: "0.95", ntta: 1), Windows(shape: [20, 20, 20], overlap: "0.95", ntta: 4),
    Windows(shape: [20, 20, 20], overlap: "0.5", ntta: 4), Windows(shape: [20, 20, 20], overlap: "0", ntta: 8),
    Windows(shape: [20, 20, 20], overlap: "0.999999", ntta: 1), Windows(shape: [16, 16, 16], overlap: "0.95", ntta: 8),
    Windows(shape: [17, 16, 15], overlap: "0.95", ntta: 8), Windows(shape: [9, 12, 5], overlap: "0.5", ntta: 8),
    Windows(shape: [1, 1, 40], overlap: "0.25", ntta: 8), Windows(shape: [40, 1, 1], overlap: "0.95", ntta: 2),
    Windows(shape: [11, 33, 20], overlap: "0.94", ntta: 3), Windows(shape: [33, 20, 11], overlap: "0.5", ntta: 8),
    Windows(shape: [18, 21, 19], overlap: "0.9", ntta: 4),
  ])
  func everyVoxelIsVisited(windows: Windows) async throws {
    let project = try TinyProject(), values = noise(windows.shape.reduce(1, *), seed: 7)
    try project.add("TS_1", littleEndianBytes(values), shape: windows.shape)
    let outcome = try await Program.run(
      TinyProject.segment + ["--overlap", windows.overlap, "--ntta", "\(windows.ntta)", "--json"], in: project.folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let document = try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    let run = try #require((document["runs"] as? [[String: Any]])?.first)
    #expect(run["windows"] as? Int == windows.perOrientation * windows.ntta)

    let labels = try LabelFiles.labels(project.labels("TS_1")), wanted = aboveTwo(values)
    #expect(labels.shape.axes == windows.shape)
    let wrong = zip(labels.voxels, wanted).count { label, wanted in wanted.map { $0 != label } ?? false }
    #expect(wrong == 0)
    #expect(run["voxels_per_label"] as? [Int] == [labels.voxels.count { $0 == 0 }, labels.voxels.count { $0 == 1 }])
  }

  /// Sixty-four million windows are counted, not listed; no voxel is read.
  @Test func countingWindowsTakesNoTime() async throws {
    let project = try TinyProject(), store = TinyProject.tomogram("TS_1")
    try project.folder.write("{\"zarr_format\": 2}", to: store + "/.zgroup")
    try project.folder.write(TinyProject.metadata([184, 630, 630], chunks: [64, 64, 64], type: "<f4"), to: store + "/0/.zarray")
    let before = project.folder.tree()
    let outcome = try await Program.run(TinyProject.segment + ["--overlap", "0.95", "--dry-run", "--json"], in: project.folder)
    #expect(outcome.code == 0)
    let document = try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    let run = try #require((document["runs"] as? [[String: Any]])?.first)
    #expect(run["windows_per_orientation"] as? [Int] == [63_920_025, 63_920_025, 63_920_025, 63_920_025])
    #expect(try #require(run["seconds"] as? Double) > 0)
    #expect(project.folder.tree() == before)
  }

  // MARK: Stores: every type, byte order, order of axes, size of chunks

  struct Store: Sendable, CustomTestStringConvertible {
    let type: String
    var order = "C", chunks = [24, 28, 32], separator = "/"
    /// Chunks of nothing but the fill value are left out.
    var isSparse = false
    var testDescription: String { "\(type) \(order) \(chunks) '\(separator)'\(isSparse ? " sparse" : "")" }
  }

  static let stores =
    ["|b1", "|i1", "|u1"].map { Store(type: $0, chunks: [1, 28, 32]) }
    + ["i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8"].flatMap { type in
      [Store(type: ">" + type, chunks: [1, 28, 32]), Store(type: "<" + type, chunks: [1, 28, 32]), Store(type: ">" + type, order: "F", chunks: [7, 9, 11])]
    } + [
      Store(type: ">u2", chunks: [64, 64, 64]), Store(type: "<u2", order: "F", chunks: [64, 64, 64], separator: "."),
      Store(type: ">f4", chunks: [5, 28, 64], separator: "."), Store(type: ">u2", chunks: [1, 28, 32], isSparse: true),
      Store(type: ">f4", order: "F", chunks: [4, 4, 4], separator: ".", isSparse: true), Store(type: "<u2", chunks: [1, 1, 32]),
    ]

  @Test(arguments: stores)
  func everyStoreGivesTheSameLabels(store: Store) async throws {
    let project = try TinyProject()
    try add(store, to: project)
    let outcome = try await Program.run(TinyProject.segment + ["--quiet"], in: project.folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.errors == "")
    #expect(try LabelFiles.labels(project.labels("TS_1")).voxels == TinyProject.ball.map { $0 > 0 ? 1 : 0 })
  }

  private func add(_ store: Store, to project: TinyProject) throws {
    let path = TinyProject.tomogram("TS_1"), shape = [24, 28, 32]
    try project.folder.write("{\"zarr_format\": 2}", to: path + "/.zgroup")
    try project.folder.write(
      TinyProject.metadata(shape, chunks: store.chunks, type: store.type, order: store.order, separator: store.separator), to: path + "/0/.zarray")
    let counts = zip(shape, store.chunks).map { ($0 + $1 - 1) / $1 }
    for number in 0..<counts.reduce(1, *) {
      let place = [number / (counts[1] * counts[2]), number / counts[2] % counts[1], number % counts[2]]
      var values = [Float](repeating: 0, count: store.chunks.reduce(1, *)), isEmpty = true
      for index in values.indices {
        let at = store.order == "C"
          ? [index / (store.chunks[1] * store.chunks[2]), index / store.chunks[2] % store.chunks[1], index % store.chunks[2]]
          : [index % store.chunks[0], index / store.chunks[0] % store.chunks[1], index / (store.chunks[0] * store.chunks[1])]
        let voxel = zip(at, zip(place, store.chunks)).map { $0 + $1.0 * $1.1 }
        // What stands in a chunk behind the border of the array is anything.
        let isInside = zip(voxel, shape).allSatisfy { $0 < $1 }
        values[index] = isInside ? TinyProject.ball[(voxel[0] * 28 + voxel[1]) * 32 + voxel[2]] / 200 : 1
        if isInside, values[index] != 0 { isEmpty = false }
      }
      if store.isSparse, isEmpty { continue }
      try project.write(bytes(of: values, store.type), to: path + "/0/" + place.map(String.init).joined(separator: store.separator))
    }
  }

  /// 0 and 1 as 0 and 100 in NumPy's type.
  private func bytes(of values: [Float], _ type: String) -> [UInt8] {
    func integers<Value: FixedWidthInteger & BitwiseCopyable>(_: Value.Type) -> [UInt8] {
      littleEndianBytes(values.map { type.hasPrefix(">") ? Value($0 * 100).bigEndian : Value($0 * 100).littleEndian })
    }
    func bits<Bits: FixedWidthInteger & BitwiseCopyable>(_ pattern: (Float) -> Bits) -> [UInt8] {
      littleEndianBytes(values.map { type.hasPrefix(">") ? pattern($0 * 100).bigEndian : pattern($0 * 100).littleEndian })
    }
    switch type.suffix(2) {
    case "b1": return values.map { UInt8($0) }
    case "i1", "u1": return integers(UInt8.self)
    case "i2", "u2": return integers(UInt16.self)
    case "i4", "u4": return integers(UInt32.self)
    case "i8", "u8": return integers(UInt64.self)
    // 100 in half precision is 0x5640.
    case "f2": return bits { $0 == 0 ? UInt16(0) : 0x5640 }
    case "f4": return bits { $0.bitPattern }
    default: return bits { Double($0).bitPattern }
    }
  }

  /// Converters of microscopes' formats: five axes, the image one folder deeper.
  @Test(arguments: [
    ("0/0", [1, 1, 24, 28, 32], "holds its image one folder deeper: '0/0' has 5 axes (1, 1, 24, 28, 32)", "array[0, 0] in zarr-python"),
    ("0/0", [24, 28, 32], "holds its image one folder deeper: '0/0' has 3 axes (24, 28, 32)", "move what is in"),
    ("0", [1, 1, 24, 28, 32], "/0' has 5 axes (1, 1, 24, 28, 32)", "array[0, 0] in zarr-python"),
    ("0", [1, 24, 28, 32], "/0' has 4 axes (1, 24, 28, 32)", "array[0] in zarr-python"),
    ("0", [28, 32], "/0' has 2 axes (28, 32)", "three axes z, y, x"), ("0", [21504], "/0' has 1 axes (21504)", "three axes z, y, x"),
  ])
  func imagesOfOtherAxesAreRefused(place: String, shape: [Int], message: String, remedy: String) async throws {
    let project = try TinyProject(), store = TinyProject.tomogram("TS_1")
    try project.folder.write("{\"zarr_format\": 2}", to: store + "/.zgroup")
    if place == "0/0" { try project.folder.write("{\"bioformats2raw.layout\": 3}", to: store + "/.zattrs") }
    try project.folder.write(TinyProject.metadata(shape, chunks: shape, type: ">u2"), to: "\(store)/\(place)/.zarray")
    let before = project.folder.tree()
    let outcome = try await Program.run(TinyProject.segment, in: project.folder)
    #expect(outcome.code == 65)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
    #expect(outcome.errors.contains(remedy), "\(outcome.errors)")
    #expect(project.folder.tree() == before)
  }

  // MARK: Many classes

  /// The label is the class whose tenth is nearest to the voxel.
  @Test func aHundredClasses() async throws {
    let project = try TinyProject(), shape = [20, 24, 33], values = noise(20 * 24 * 33, seed: 19)
    let weights = (0..<100).map { Float($0) / 10 }, bias = (0..<100).map { -Float($0 * $0) / 200 }
    try project.write(TinyProject.pointwise(weights, bias), to: "model.onnx")
    try project.folder.write("model:\n  num_classes: 100\n  dim_in: 16\nlabels:\n  ribosome: 1\n", to: "model.yaml")
    try project.add("TS_1", littleEndianBytes(values), shape: shape)
    let outcome = try await Program.run(TinyProject.segment + ["--ntta", "1"], in: project.folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let labels = try LabelFiles.labels(project.labels("TS_1")).voxels
    var compared = 0
    for (voxel, label) in zip(normalised(values), labels) where abs(10 * voxel - (10 * voxel).rounded(.down) - 0.5) > 1e-2 {
      #expect(Int(label) == min(99, max(0, Int((10 * voxel).rounded()))))
      compared += 1
    }
    #expect(compared > 15_000)
    #expect(Set(labels).count > 20)
  }

  /// What it takes is said, and more than is allowed is refused with that amount, before anything is written.
  @Test func memoryIsSaidAndRefused() async throws {
    let project = try TinyProject()
    try project.add("TS_1", littleEndianBytes(TinyProject.ball))
    let before = project.folder.tree()
    let plan = try await Program.run(TinyProject.segment + ["--dry-run", "--json"], in: project.folder)
    let document = try #require(JSONSerialization.jsonObject(with: Data(plan.output.utf8)) as? [String: Any])
    let needed = try #require((document["runs"] as? [[String: Any]])?.first?["memory_bytes"] as? Int)
    let refused = try await Program.run(TinyProject.segment + ["--max-memory", "1M"], in: project.folder)
    #expect(refused.code == 69)
    #expect(refused.errors.contains("needs"))
    let amount = try #require(refused.errors.firstMatch(of: #/--max-memory (\d+)M/#).flatMap { Int($0.output.1) })
    #expect(amount << 20 <= needed + 1 << 20)
    #expect(project.folder.tree() == before)
    let again = try await Program.run(TinyProject.segment + ["--max-memory", "\(amount)M"], in: project.folder)
    #expect(again.code == 0, "\(again.errors)")
  }

  // MARK: Data

  /// Normal noise.
  private func noise(_ count: Int, seed: UInt64) -> [Float] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in
      let u = Double.random(in: 0..<1, using: &random), v = Double.random(in: 0..<1, using: &random)
      return Float((-2 * Foundation.log(1 - u)).squareRoot() * Foundation.cos(2 * .pi * v))
    }
  }

  private func normalised(_ values: [Float]) -> [Double] {
    let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
    let deviation = (values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(values.count)).squareRoot()
    return values.map { (Double($0) - mean) / deviation }
  }

  /// 1 where the normalised value is above 2; nil where rounding decides.
  private func aboveTwo(_ values: [Float]) -> [UInt8?] { normalised(values).map { abs($0 - 2) < 1e-4 ? nil : $0 > 2 ? 1 : 0 } }
}
