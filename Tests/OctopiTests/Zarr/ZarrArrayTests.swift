import Kernels
import TestSupport
import Testing

@testable import Octopi

@Suite("Zarr arrays", .tags(.format))
struct ZarrArrayTests {
  /// What the library that wrote an array says about it.
  struct Good: CustomTestStringConvertible, Sendable {
    let path: String, type: String, shape: [Int], sha256: String
    var testDescription: String { path }

    static let all: [Good] = ZarrFixtures.expected("arrays").map { path, entry in
      Good(path: path, type: entry["dtype"]!.string!, shape: entry["shape"]!.list!.map { $0.integer! }, sha256: entry["sha256"]!.string!)
    }
  }

  struct Bad: CustomTestStringConvertible, Sendable {
    let path: String, error: String, why: String
    var testDescription: String { "\(path): \(why)" }

    static let all: [Bad] = ZarrFixtures.expected("bad").map { path, entry in
      Bad(path: path, error: entry["error"]!.string!, why: entry["why"]!.string!)
    }
  }

  @Test func allFixturesAreThere() {
    #expect(Good.all.count == 110)
    #expect(Bad.all.count == 78)
    #expect(SHA256.digest(Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  @Test(arguments: Good.all) func valuesHaveTheirDigest(good: Good) throws {
    let array = try ZarrArray(ZarrFixtures.path(good.path))
    #expect(array.type.rawValue == good.type)
    #expect(array.shape == good.shape)
    let whole = try array.read()
    #expect(SHA256.digest(whole.littleEndianBytes) == good.sha256)
    for threads in [1, 2, 3] { #expect(try array.read(on: ThreadPool(threads: threads)).littleEndianBytes == whole.littleEndianBytes) }
  }

  /// Slabs of planes, joined, have the digest of the whole.
  @Test(arguments: Good.all) func slabsHaveTheDigestOfTheWhole(good: Good) throws {
    let array = try ZarrArray(ZarrFixtures.path(good.path))
    for planes in [1, 3] {
      var bytes: [UInt8] = []
      for start in stride(from: 0, to: array.shape[0], by: planes) {
        var box = array.shape.map { 0..<$0 }
        box[0] = start..<min(start + planes, array.shape[0])
        bytes += try array.read(box).littleEndianBytes
      }
      #expect(SHA256.digest(bytes) == good.sha256, "\(planes) planes")
    }
  }

  @Test(arguments: Good.all) func boxesEqualThatPartOfTheWhole(good: Good) throws {
    let array = try ZarrArray(ZarrFixtures.path(good.path))
    let whole = try array.read().littleEndianBytes
    var random = SplitMix64(seed: 21)
    for _ in 0..<8 {
      let box = array.shape.map { size in
        let first = Int.random(in: 0..<size, using: &random)
        return first..<Int.random(in: first + 1...size, using: &random)
      }
      #expect(try array.read(box).littleEndianBytes == cut(box, from: whole, array.shape, array.type.bytes), "\(box)")
    }
    #expect(try array.read(array.shape.map { $0..<$0 }).count == 0)
  }

  /// Plain loops over all places of the array.
  private func cut(_ box: [Range<Int>], from bytes: [UInt8], _ shape: [Int], _ valueBytes: Int) -> [UInt8] {
    var part: [UInt8] = []
    for place in 0..<shape.reduce(1, *) {
      var rest = place
      var isInside = true
      for axis in shape.indices.reversed() {
        isInside = isInside && box[axis].contains(rest % shape[axis])
        rest /= shape[axis]
      }
      if isInside { part += bytes[place * valueBytes..<(place + 1) * valueBytes] }
    }
    return part
  }

  @Test(arguments: Bad.all) func damageIsNamed(bad: Bad) throws {
    let path = ZarrFixtures.path(bad.path)
    let error = #expect(throws: ZarrError.self) { try ZarrArray(path).read() }
    guard let error else { return }
    let kinds: [String: FailureKind] = ["damaged": .damaged, "unsupported": .unsupported, "missing": .missing]
    #expect(error.kind == kinds[bad.error], "\(error.message)")
    #expect(error.message.contains(path))
    #expect(error.remedy != nil)
    // A fault of a chunk names its file, and stays one when only a part is read.
    if case .damaged(let file, _) = error {
      #expect(file.hasSuffix("/0/0/0"))
      #expect(throws: ZarrError.self) { try ZarrArray(path).read([0..<8, 0..<9, 0..<10]) }
    }
  }
}

extension ArrayValues {
  /// As they are in the memory of a little-endian machine.
  var littleEndianBytes: [UInt8] {
    func bytes<Value>(_ values: [Value]) -> [UInt8] { values.withUnsafeBytes { Array($0) } }
    return switch self {
    case .bool(let values), .uint8(let values): values
    case .int8(let values): bytes(values)
    case .int16(let values): bytes(values)
    case .uint16(let values): bytes(values)
    case .int32(let values): bytes(values)
    case .uint32(let values): bytes(values)
    case .int64(let values): bytes(values)
    case .uint64(let values): bytes(values)
    case .float16(let values): bytes(values)
    case .float32(let values): bytes(values)
    case .float64(let values): bytes(values)
    }
  }
}
