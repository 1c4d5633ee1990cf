import Testing
import TestSupport

@testable import Octopi

@Suite("Codecs of chunks", .tags(.format))
struct ZarrCodecTests {
  /// One frame of each kind that libblosc makes, with the size that its chunk has.
  static let frames: [(path: String, bytes: Int)] = [
    ("blosc-lz4-shuffle-f4", 5440), ("blosc-lz4-shuffle-u1", 1360), ("blosc-blosclz-shuffle-f4", 5440), ("blosc-zstd-shuffle-f4", 5440),
    ("blosc-zlib-shuffle-f4", 5440), ("blosc-lz4hc-shuffle-f4", 5440), ("blosc-lz4-bitshuffle-f4", 5440),
    ("blosc-lz4-noshuffle-i2", 2720), ("blosc-clevel0-f4", 5440), ("blosc-multiblock-f4", 97092), ("blosc-multiblock-bitshuffle-u2", 8398),
  ]

  static func frame(_ name: String) throws -> [UInt8] { try ZarrFixtures.bytes("arrays/v2/\(name)/0/0/0") }

  @Test(arguments: frames) func everyTruncationIsRefused(path: String, bytes: Int) throws {
    let frame = try Self.frame(path)
    #expect(try Blosc.decode(frame, size: .exactly(bytes)).count == bytes)
    // All lengths of a small frame, every hundredth and the last thousand of a large one.
    for length in 0..<frame.count where frame.count < 8192 || length % 97 == 0 || length > frame.count - 1000 {
      #expect(throws: CodecFailure.self, "\(length) bytes") { try Blosc.decode(Array(frame.prefix(length)), size: .exactly(bytes)) }
    }
  }

  @Test(arguments: frames) func everyChangeOfTheHeaderIsRefusedOrUnpacks(path: String, bytes: Int) throws {
    var frame = try Self.frame(path)
    for place in 0..<16 {
      let right = frame[place]
      defer { frame[place] = right }
      for value in 0...UInt8.max where value != right {
        frame[place] = value
        do throws(CodecFailure) {
          #expect(try Blosc.decode(frame, size: .exactly(bytes)).count == bytes)
        } catch {} // Refused: as it should be. What must not happen is a fault or another size.
      }
    }
  }

  @Test func changesOfTheBodyDoNoHarm() throws {
    var random = SplitMix64(seed: 8)
    for (path, bytes) in Self.frames {
      let good = try Self.frame(path)
      for _ in 0..<300 {
        var frame = good
        for _ in 0..<Int.random(in: 1...8, using: &random) {
          frame[Int.random(in: 16..<frame.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        do throws(CodecFailure) {
          #expect(try Blosc.decode(frame, size: .exactly(bytes)).count == bytes)
        } catch {} // There is no checksum in a frame: refused or not, it must not read or write elsewhere.
      }
    }
  }

  @Test(arguments: frames) func anyBlocksEqualThatPartOfTheWhole(path: String, bytes: Int) throws {
    let frame = try Self.frame(path)
    let whole = try Blosc.decode(frame, size: .exactly(bytes))
    let header = try BloscHeader(frame, frameBytes: frame.count, size: .exactly(bytes))
    let blocks = try BloscBlocks(header, table: header.isStored ? [] : Array(frame[header.tableRange]))
    for first in 0..<header.blocks {
      for end in first + 1...header.blocks {
        var read = 0
        let part = try blocks.decode(first..<end) { range throws(CodecFailure) in
          read += range.count
          return Array(frame[range])
        } failure: { $0 }
        #expect(part == Array(whole[blocks.bytes(of: first..<end)]))
        #expect(read < frame.count)
      }
    }
    #expect(blocks.blocks(holding: 0..<1) == 0..<1)
    #expect(blocks.blocks(holding: bytes - 1..<bytes) == header.blocks - 1..<header.blocks)
  }

  @Test func blocksInAnyOrderAreFound() throws {
    let frame = try Self.frame("blosc-multiblock-f4")
    let header = try BloscHeader(frame, frameBytes: frame.count, size: .exactly(97092))
    try #require(header.blocks == 2)
    let starts = [16, 20].map { place in (0..<4).reduce(0) { $0 | Int(frame[place + $1]) << (8 * $1) } }
    let second = Array(frame[starts[1]...])
    let swapped = Array(frame[..<16]) + littleEndian(24 + second.count) + littleEndian(24) + second + frame[starts[0]..<starts[1]]
    let whole = try Blosc.decode(frame, size: .exactly(97092))
    #expect(try Blosc.decode(swapped, size: .exactly(97092)) == whole)
    let blocks = try BloscBlocks(header, table: Array(swapped[16..<24]))
    for block in 0..<2 {
      let part = try blocks.decode(block..<block + 1) { range throws(CodecFailure) in Array(swapped[range]) } failure: { $0 }
      #expect(part == Array(whole[blocks.bytes(of: block..<block + 1)]))
    }
  }

  @Test(arguments: [1, 2, 4, 8]) func whatBloscPacksItUnpacks(typesize: Int) throws {
    var random = SplitMix64(seed: UInt64(typesize))
    for values in [1, 127, 1 << 17] {
      let bytes = (0..<values * typesize).map { UInt8(truncatingIfNeeded: $0 / 64) ^ UInt8.random(in: 0...3, using: &random) }
      let frame = try Blosc.encode(bytes, typesize: typesize)
      #expect(Int(frame[3]) == typesize)
      #expect(frame[2] & 0xE1 == 0x21) // lz4 and byte shuffle
      #expect(try Blosc.decode(frame, size: .exactly(bytes.count)) == bytes)
    }
  }

  @Test func zlibAndGzipKeepTheirLimit() throws {
    let zlib = try ZarrFixtures.bytes("arrays/v2/zlib-f4/0/0/0"), gzip = try ZarrFixtures.bytes("arrays/v2/gzip-u1/0/0/0")
    #expect(try Deflate.decode(zlib, .zlib, size: .atMost(5440)).count == 5440)
    #expect(try Deflate.decode(gzip, .gzip, size: .atMost(1360)).count == 1360)
    #expect(throws: CodecFailure.damaged("it unpacks to more than 5439 bytes")) { try Deflate.decode(zlib, .zlib, size: .atMost(5439)) }
    #expect(throws: CodecFailure.damaged("it unpacks to more than 1359 bytes")) { try Deflate.decode(gzip, .gzip, size: .atMost(1359)) }
    for length in 0..<zlib.count { #expect(throws: CodecFailure.self) { try Deflate.decode(Array(zlib.prefix(length)), .zlib, size: .atMost(5440)) } }
    for length in 0..<gzip.count { #expect(throws: CodecFailure.self) { try Deflate.decode(Array(gzip.prefix(length)), .gzip, size: .atMost(1360)) } }
    #expect(throws: CodecFailure.damaged("1 bytes follow the zlib stream")) { try Deflate.decode(zlib + [0], .zlib, size: .atMost(5440)) }
  }

  @Test func membersOfGzipAreJoined() throws {
    let gzip = try ZarrFixtures.bytes("arrays/v2/gzip-u1/0/0/0")
    let once = try Deflate.decode(gzip, .gzip, size: .atMost(1360))
    #expect(try Deflate.decode(gzip + gzip + [0, 0], .gzip, size: .atMost(2720)) == once + once)
    #expect(throws: CodecFailure.self) { try Deflate.decode(gzip + gzip, .gzip, size: .atMost(2719)) }
    #expect(throws: CodecFailure.self) { try Deflate.decode(gzip + [7, 7], .gzip, size: .atMost(2720)) }
  }

  @Test func zstandardKeepsItsLimit() throws {
    let zstd = try ZarrFixtures.bytes("arrays/v2/zstd-i2/0/0/0")
    let once = try Zstandard.decode(zstd, size: .atMost(2720))
    #expect(once.count == 2720)
    #expect(try Zstandard.decode(zstd + zstd, size: .atMost(5440)) == once + once)
    #expect(throws: CodecFailure.self) { try Zstandard.decode(zstd, size: .atMost(2719)) }
    #expect(throws: CodecFailure.self) { try Zstandard.decode(zstd, size: .atMost(2718)) }
    for length in 1..<zstd.count { #expect(throws: CodecFailure.self) { try Zstandard.decode(Array(zstd.prefix(length)), size: .atMost(2720)) } }
    #expect(try Zstandard.decode(try Zstandard.encode(once, level: 3), size: .atMost(2720)) == once)
  }

  /// Vectors of RFC 3720, appendix B.4.
  @Test func crc32c() throws {
    #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CRC32C.checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(CRC32C.checksum((0..<32).map { UInt8($0) }) == 0x46DD_794E)
    #expect(CRC32C.checksum((0..<32).map { UInt8(31 - $0) }) == 0x113F_DB5C)
    #expect(CRC32C.encode([UInt8](repeating: 0, count: 32)).suffix(4) == [0xAA, 0x36, 0x91, 0x8A])
    #expect(try CRC32C.decode(CRC32C.encode([1, 2, 3])) == [1, 2, 3])
    #expect(throws: CodecFailure.self) { try CRC32C.decode([1, 2, 3]) }
    #expect(throws: CodecFailure.self) { try CRC32C.decode([1, 2, 3, 0, 0, 0, 0]) }
  }
}
