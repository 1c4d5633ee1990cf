/// The first 16 bytes of a Blosc frame, version 2, checked against the size of the frame and of what it should unpack to.
///
/// c-blosc `README_CHUNK_FORMAT.rst`. libblosc trusts the header where it is not told the length of its input, so nothing of a frame
/// is handed to it before this has been read.
struct BloscHeader: Hashable {
  /// Bytes of the header.
  static let size = 16
  /// What libblosc handles at most (`BLOSC_MAX_BUFFERSIZE`).
  static let largestBuffer = Int(Int32.max) - size

  let flags: UInt8
  let typesize: Int
  /// Bytes when unpacked.
  let nbytes: Int
  /// Bytes of a block when unpacked; the last block may be shorter.
  let blocksize: Int
  /// Bytes of the frame, with this header.
  let cbytes: Int

  /// - bytes: the start of the frame, 16 bytes or more.
  /// - frameBytes: size of the whole frame.
  /// - size: what it must unpack to.
  init(_ bytes: [UInt8], frameBytes: Int, size: DecodedSize) throws(CodecFailure) {
    guard bytes.count >= Self.size, frameBytes >= Self.size else {
      throw .damaged("\(min(bytes.count, frameBytes)) bytes are too few for a Blosc frame")
    }
    guard bytes[0] == 2 else {
      throw .unsupported(bytes[0] > 2 ? "it was written by Blosc2 (frame version \(bytes[0]))" : "Blosc frame version \(bytes[0])")
    }
    guard bytes[1] == 1 else { throw .unsupported("inner format \(bytes[1]) of a Blosc frame") }
    func number(at offset: Int) -> Int { (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) } }
    flags = bytes[2]
    typesize = Int(bytes[3])
    nbytes = number(at: 4)
    blocksize = number(at: 8)
    cbytes = number(at: 12)

    guard flags & 0x08 == 0 else { throw .unsupported("a Blosc frame with the reserved flag") }
    guard codec <= 4 else { throw .unsupported("codec number \(codec) of a Blosc frame") }
    guard nbytes == size.limit || nbytes < size.limit && size == .atMost(size.limit) else {
      throw .damaged("frame unpacks to \(nbytes) bytes, expected are \(size.limit)")
    }
    guard cbytes == frameBytes else { throw .damaged("frame says \(cbytes) bytes, file has \(frameBytes)") }
    guard nbytes <= Self.largestBuffer else { throw .damaged("frame of \(nbytes) bytes is larger than Blosc allows") }
    guard typesize > 0 else { throw .damaged("frame has values of 0 bytes") }
    guard blocksize > 0, blocksize <= nbytes else { throw .damaged("frame has blocks of \(blocksize) bytes") }
    if isStored {
      guard cbytes == nbytes + Self.size else { throw .damaged("stored frame of \(cbytes) bytes holds \(nbytes)") }
    } else {
      guard cbytes >= tableRange.upperBound else { throw .damaged("frame of \(cbytes) bytes is too short for \(blocks) blocks") }
    }
  }

  private init(flags: UInt8, typesize: Int, nbytes: Int, blocksize: Int, cbytes: Int) {
    self.flags = flags
    self.typesize = typesize
    self.nbytes = nbytes
    self.blocksize = blocksize
    self.cbytes = cbytes
  }

  /// 0 blosclz, 1 lz4, 2 snappy, 3 zlib, 4 zstd.
  var codec: Int { Int(flags >> 5) }
  /// The bytes follow the header as they are; there is no table of blocks.
  var isStored: Bool { flags & 0x02 != 0 }
  var blocks: Int { (nbytes + blocksize - 1) / blocksize }
  /// Place of the table of block offsets in the frame.
  var tableRange: Range<Int> { Self.size..<Self.size + 4 * blocks }

  /// The header of a frame with some of the blocks of this one.
  func with(nbytes: Int, cbytes: Int) -> BloscHeader {
    BloscHeader(flags: flags, typesize: typesize, nbytes: nbytes, blocksize: blocksize, cbytes: cbytes)
  }

  /// As it stands in a frame.
  var bytes: [UInt8] {
    [2, 1, flags, UInt8(typesize)] + [nbytes, blocksize, cbytes].flatMap(littleEndian)
  }
}

/// The four bytes of an offset or a size.
func littleEndian(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
