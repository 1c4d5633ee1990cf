import TestSupport
import Testing

@testable import Octopi

@Suite("Damage to Zarr arrays", .tags(.format))
struct ZarrDamageTests {
  /// Small arrays, one of each way to encode a chunk.
  static let arrays = [
    "arrays/v2/blosc-lz4-shuffle-f4", "arrays/v2/none-f4", "arrays/v2/zlib-f4", "arrays/v2/gzip-u1", "arrays/v2/zstd-i2",
    "arrays/v2/shuffle-filter-zstd-f4", "arrays/v2/order-F-f4", "arrays/v3/crc32c", "arrays/v3/transpose-102-bytes", "arrays/v3/sharded",
    "arrays/v3/sharded-index-start", "arrays/v3/sharded-inner-missing", "arrays/v3/sharded-one-shard-v2-keys-shuffle", "arrays/v3/zstd-checksum",
  ]

  /// What is in memory of an array at most, so that a changed shape is refused instead of read.
  private static let limit = 1 << 20

  private func copy(_ array: String, to folder: TemporaryFolder) throws -> (metadata: String, chunk: String) {
    let isV3 = array.contains("/v3/"), metadata = isV3 ? "zarr.json" : ".zarray"
    let keys = try ZarrArray(ZarrFixtures.path(array)).metadata.keys
    let chunk = keys.path(of: [0, 0, 0])
    for file in [metadata, chunk] { try folder.write(ZarrFixtures.bytes(array + "/" + file), to: file) }
    return (metadata, chunk)
  }

  /// The rest of the chunks is missing and so is no reason for an error.
  @Test(arguments: arrays) func everyTruncationOfAChunkIsRefused(array: String) throws {
    let folder = try TemporaryFolder()
    let chunk = try copy(array, to: folder).chunk
    let bytes = try ZarrFixtures.bytes(array + "/" + chunk)
    let opened = try ZarrArray(folder.path)
    let whole = try opened.read()
    for length in stride(from: 0, to: bytes.count, by: bytes.count > 2000 ? 7 : 1) {
      try folder.write(Array(bytes.prefix(length)), to: chunk)
      let error = #expect(throws: ZarrError.self, "\(length) bytes") { try opened.read() }
      #expect(error?.kind == .damaged)
      #expect(error?.message.contains(folder.path(chunk)) == true)
    }
    try folder.write(bytes, to: chunk)
    #expect(try opened.read() == whole)
  }

  @Test(arguments: arrays) func anyChangeOfAChunkIsRefusedOrHarmless(array: String) throws {
    let folder = try TemporaryFolder()
    let chunk = try copy(array, to: folder).chunk
    let bytes = try ZarrFixtures.bytes(array + "/" + chunk)
    let opened = try ZarrArray(folder.path)
    let count = try opened.read().count
    var random = SplitMix64(seed: 31)
    for _ in 0..<300 {
      var changed = bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        changed[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      try folder.write(changed, to: chunk)
      do throws(ZarrError) {
        #expect(try opened.read().count == count)
      } catch {
        #expect(error.message.contains(folder.path(chunk)))
      }
    }
  }

  /// Metadata with a few characters replaced by others that metadata have: opening and reading end, well or with an error.
  @Test(arguments: arrays) func anyChangeOfMetadataIsRefusedOrHarmless(array: String) throws {
    let folder = try TemporaryFolder()
    let metadata = try copy(array, to: folder).metadata
    let bytes = try ZarrFixtures.bytes(array + "/" + metadata)
    let pieces: [[UInt8]] = ["0", "9", "-1", "1e9", "99999999999", ".5", "null", "[", "]", "{}", "\"", ",", "true", "<f8", "NaN", "u1", ":"].map { Array($0.utf8) }
    var random = SplitMix64(seed: 32)
    for _ in 0..<400 {
      var changed = bytes
      for _ in 0..<Int.random(in: 1...2, using: &random) {
        let place = Int.random(in: 0..<changed.count, using: &random)
        let end = min(changed.count, place + Int.random(in: 0...2, using: &random))
        changed.replaceSubrange(place..<end, with: pieces.randomElement(using: &random) ?? [])
      }
      try folder.write(changed, to: metadata)
      do throws(ZarrError) {
        let opened = try ZarrArray(folder.path)
        let box = opened.shape.map { 0..<min($0, 16) }
        #expect(try opened.read(box, memoryLimit: Self.limit).count == box.reduce(1) { $0 * $1.count })
      } catch {
        #expect(error.message.contains(folder.path))
      }
    }
  }

  @Test func moreThanTheMemoryIsRefused() throws {
    let path = ZarrFixtures.path("arrays/v2/blosc-lz4-shuffle-f4")
    let error = #expect(throws: ZarrError.self) { try ZarrArray(path).read(memoryLimit: 13 * 17 * 19 * 4 - 1) }
    #expect(error?.kind == .inputOutput)
    #expect(error?.message == "'\(path)' needs 1 MiB of memory, there are 1 MiB")
    #expect(try ZarrArray(path).read(memoryLimit: 13 * 17 * 19 * 4).count == 13 * 17 * 19)
  }

  /// A petabyte of fill value: opened, and read where somebody looks.
  @Test func hugeArraysAreReadInPart() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      """
      {"zarr_format": 2, "shape": [100000, 100000, 100000], "chunks": [256, 256, 256], "dtype": "|u1", "compressor": null,
       "filters": null, "fill_value": 7, "order": "C", "dimension_separator": "/"}
      """, to: ".zarray")
    let array = try ZarrArray(folder.path)
    #expect(throws: ZarrError.self) { try array.read() }
    #expect(try array.read([99998..<100000, 5..<6, 300..<302]) == .uint8([7, 7, 7, 7]))
  }

  /// What each damaged fixture is answered with, word for word.
  @Test func messages() throws {
    let lines = String(decoding: try TestData.bytes("zarr-messages.tsv"), as: UTF8.self).split(separator: "\n")
    var want: [Substring: Substring] = [:]
    for line in lines where !line.hasPrefix("#") {
      let columns = line.split(separator: "\t", maxSplits: 1)
      want[columns[0]] = columns[1]
    }
    #expect(want.count == ZarrArrayTests.Bad.all.count)
    for bad in ZarrArrayTests.Bad.all {
      let path = ZarrFixtures.path(bad.path)
      let error = #expect(throws: ZarrError.self) { try ZarrArray(path).read() }
      let got = error.map { "\($0.message.replacing(path, with: "PATH"))\t\($0.remedy ?? "")" }
      #expect(got.map { Substring($0) } == want[bad.path.split(separator: "/").last ?? ""], "\(bad.path)")
    }
  }
}
