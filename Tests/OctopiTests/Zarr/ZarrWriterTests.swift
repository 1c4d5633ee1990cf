import Kernels
import Synchronization
import TestSupport
import Testing

@testable import Octopi

/// Files in memory.
private final class MemoryStore: StoreWriter {
  private let files = Mutex<[(path: String, bytes: [UInt8])]>([])
  private let full: String?

  /// - full: a file that there is no room for.
  init(full: String? = nil) { self.full = full }

  var paths: [String] { files.withLock { $0.map(\.path) } }
  func bytes(_ path: String) -> [UInt8]? { files.withLock { $0.first { $0.path == path }?.bytes } }

  func write(_ bytes: [UInt8], to path: String) throws(OutputError) {
    if path == full { throw .cannotWrite(path: path, reason: "No space left on device", neededBytes: bytes.count) }
    files.withLock { $0.append((path, bytes)) }
  }
}

@Suite("Writing images", .tags(.format))
struct ZarrWriterTests {
  private static let store = "octopi-run/overlay/ExperimentRuns/TS_1/Segmentations/10.000_octopi_1_predict-multilabel.zarr"

  /// The store that octopi wrote, written again from its labels.
  @Test func labelsEqualThoseOfOctopi() throws {
    guard case .uint8(let labels) = try ImageGroup(ZarrFixtures.path(Self.store), .segmentation).labels() else {
      Issue.record("labels are not bytes")
      return
    }
    let files = MemoryStore(), pool = ThreadPool(threads: 2)
    let writer = try LabelStore(shape: labels.shape, spacing: VoxelSpacing(10), to: files, on: pool)
    try writer.write(labels.voxels.span, of: VolumeBox(labels.shape, .z, 0..<labels.shape.z))
    try writer.finish()
    #expect(files.paths == [".zgroup", "0/.zarray", "0/0/0/0", ".zattrs"])
    for path in [".zgroup", "0/.zarray", ".zattrs"] { #expect(try files.bytes(path) == ZarrFixtures.bytes(Self.store + "/" + path)) }
    let size = DecodedSize.exactly(1 << 24)
    let golden = try ZarrFixtures.bytes(Self.store + "/0/0/0/0"), frame = try #require(files.bytes("0/0/0/0"))
    #expect(try Blosc.decode(frame, size: size) == Blosc.decode(golden, size: size))
    #expect(frame.prefix(12) == golden.prefix(12))
  }

  @Test(arguments: [(10.0, "10.0"), (13.48, "13.48"), (7.84, "7.84"), (1e-5, "1e-05")]) func spacingIsWrittenAsPythonDoes(spacing: Double, text: String) throws {
    let golden = try String(decoding: ZarrFixtures.bytes(Self.store + "/.zattrs"), as: UTF8.self)
    let files = MemoryStore()
    let shape = VolumeShape(z: 1, y: 1, x: 1)
    let writer = try LabelStore(shape: shape, spacing: VoxelSpacing(spacing), to: files, on: ThreadPool(threads: 1))
    try writer.write([3].span, of: VolumeBox(shape, .z, 0..<1))
    try writer.finish()
    #expect(files.bytes(".zattrs") == Array(golden.replacing("10.0", with: text).utf8))
  }

  /// What copick writes for a tomogram, but for the lower levels.
  @Test func tomogramsEqualThoseOfCopick() throws {
    let store = "project/static/ExperimentRuns/TS_1/VoxelSpacing13.480/wbp.zarr"
    let image = try ImageGroup(ZarrFixtures.path(store), .tomogram)
    let files = MemoryStore()
    let writer = try ImageWriter(
      shape: image.shape.axes, type: .float32, spacing: VoxelSpacing(13.48), to: files, on: ThreadPool(threads: 1))
    try writer.write(image.array.read().floats.span, of: image.array.shape.map { 0..<$0 })
    try writer.finish()
    let size = DecodedSize.exactly(1 << 26)
    let want = try PythonJSON.value(ZarrFixtures.bytes("project/static/ExperimentRuns/TS_1/VoxelSpacing10.000/wbp.zarr/0/.zarray"))
    let got = try PythonJSON.value(#require(files.bytes("0/.zarray")))
    for key in ["chunks", "compressor", "dimension_separator", "dtype", "fill_value", "filters", "order", "zarr_format"] {
      #expect(got[key] == want[key], "\(key)")
    }
    let frame = try #require(files.bytes("0/0/0/0"))
    #expect(frame.prefix(12) == [2, 1, 0x21, 4, 0, 0, 0, 4, 0, 0, 8, 0]) // 64 MiB in blocks of 512 KiB
    #expect(try Blosc.decode(frame, size: size).count == 1 << 26)
  }

  struct Case: CustomTestStringConvertible, Sendable {
    let shape: [Int], type: StoredType, version: ZarrVersion, axis: Int, threads: Int
    var testDescription: String { "\(shape) \(type) v\(version.rawValue), layers along axis \(axis), \(threads) threads" }
  }

  /// More than one chunk along every axis in turn, layers along every axis, both formats: on disk and back.
  @Test(arguments: [
    Case(shape: [3, 5, 300], type: .uint8, version: .v2, axis: 2, threads: 2), Case(shape: [3, 257, 5], type: .uint8, version: .v2, axis: 1, threads: 3),
    Case(shape: [258, 3, 2], type: .uint8, version: .v2, axis: 0, threads: 1), Case(shape: [256, 1, 1], type: .uint8, version: .v2, axis: 0, threads: 2),
    Case(shape: [2, 3, 130], type: .uint16, version: .v2, axis: 2, threads: 2), Case(shape: [2, 3, 4, 5], type: .float32, version: .v2, axis: 0, threads: 2),
    Case(shape: [129, 3, 200], type: .uint8, version: .v3, axis: 0, threads: 2), Case(shape: [2, 130, 9, 7], type: .float32, version: .v3, axis: 1, threads: 2),
    Case(shape: [5, 7, 129], type: .float64, version: .v3, axis: 2, threads: 2),
  ]) func whatIsWrittenIsRead(test: Case) throws {
    let folder = try TemporaryFolder()
    let outputs = Outputs(), pool = ThreadPool(threads: test.threads)
    let partial = try outputs.folder(at: folder.path("a.zarr"), existing: .refuse)
    let writer = try ImageWriter(
      shape: test.shape, type: test.type, spacing: VoxelSpacing(13.48), version: test.version, to: partial, on: pool)
    let layer = writer.chunkShape[test.axis]
    for start in stride(from: 0, to: test.shape[test.axis], by: layer) {
      var box = test.shape.map { 0..<$0 }
      box[test.axis] = start..<min(start + layer, test.shape[test.axis])
      switch test.type {
      case .uint8: try writer.write(values(box, test.shape) { UInt8(truncatingIfNeeded: $0) }.span, of: box)
      case .uint16: try writer.write(values(box, test.shape) { UInt16(truncatingIfNeeded: $0) }.span, of: box)
      case .float32: try writer.write(values(box, test.shape) { Float($0) / 3 }.span, of: box)
      default: try writer.write(values(box, test.shape) { Double($0) / 3 }.span, of: box)
      }
    }
    try writer.finish()
    try partial.commit()

    let array = try ZarrArray(folder.path("a.zarr/0"))
    #expect(array.format == test.version.rawValue)
    #expect(array.shape == test.shape)
    let all = test.shape.map { 0..<$0 }
    let want: ArrayValues = switch test.type {
    case .uint8: .uint8(values(all, test.shape) { UInt8(truncatingIfNeeded: $0) })
    case .uint16: .uint16(values(all, test.shape) { UInt16(truncatingIfNeeded: $0) })
    case .float32: .float32(values(all, test.shape) { Float($0) / 3 })
    default: .float64(values(all, test.shape) { Double($0) / 3 })
    }
    #expect(try array.read(on: pool) == want)
    if test.shape.count == 3 {
      let image = try ImageGroup(folder.path("a.zarr"), .tomogram, expected: VoxelSpacing(13.48))
      #expect(image.warnings.isEmpty)
      #expect(image.spacing == [13.48, 13.48, 13.48])
    }
  }

  /// Values of a box of an array whose value at place i in C order is `value(i)`, with nothing regular about it.
  private func values<Value>(_ box: [Range<Int>], _ shape: [Int], _ value: (Int) -> Value) -> [Value] {
    (0..<box.reduce(1) { $0 * $1.count }).map { number in
      var rest = number, place = 0, stride = 1
      for axis in shape.indices.reversed() {
        place += (box[axis].lowerBound + rest % box[axis].count) * stride
        rest /= box[axis].count
        stride *= shape[axis]
      }
      return value(place * 7919 % 104729)
    }
  }

  @Test func fullDiskIsTheFirstFailure() throws {
    for threads in 1...3 {
      let files = MemoryStore(full: "0/0/0/1")
      let shape = VolumeShape(z: 2, y: 2, x: 600)
      let writer = try LabelStore(shape: shape, spacing: VoxelSpacing(10), to: files, on: ThreadPool(threads: threads))
      let error = #expect(throws: OutputError.self) {
        try writer.write([UInt8](repeating: 1, count: shape.count).span, of: VolumeBox(shape, .z, 0..<2))
      }
      guard case .cannotWrite(let path, _, _)? = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      #expect(path == "0/0/0/1")
    }
  }
}
