/// Where the blocks of a Blosc frame lie, and how to unpack some of them without the others.
///
/// A tomogram is often one chunk of 256^3 values, whose frame has a block for every two planes. Frames made of a few of these blocks
/// unpack by themselves, so that neither the packed nor the unpacked chunk is ever in memory as a whole. (`blosc_getitem` would need the
/// whole packed frame.)
struct BloscBlocks {
  let header: BloscHeader
  /// Offset of each block's packed bytes from the start of the frame; empty for a stored frame.
  private let starts: [Int]
  /// The same in ascending order, followed by the end of the frame: blocks lie in any order, their sizes follow from that.
  private let bounds: [Int]

  /// - table: the bytes of `header.tableRange`.
  init(_ header: BloscHeader, table: [UInt8]) throws(CodecFailure) {
    self.header = header
    guard !header.isStored else {
      (starts, bounds) = ([], [])
      return
    }
    assert(table.count == 4 * header.blocks)
    var starts: [Int] = []
    starts.reserveCapacity(header.blocks)
    for block in 0..<header.blocks {
      let start = (0..<4).reduce(0) { $0 | Int(table[4 * block + $1]) << (8 * $1) }
      guard start >= header.tableRange.upperBound, start < header.cbytes else {
        throw .damaged("block \(block) starts at byte \(start) of \(header.cbytes)")
      }
      starts.append(start)
    }
    self.starts = starts
    bounds = starts.sorted() + [header.cbytes]
  }

  /// The blocks that hold the given bytes of the unpacked frame.
  func blocks(holding bytes: Range<Int>) -> Range<Int> {
    assert(bytes.lowerBound >= 0 && bytes.upperBound <= header.nbytes && !bytes.isEmpty)
    return bytes.lowerBound / header.blocksize..<(bytes.upperBound - 1) / header.blocksize + 1
  }

  /// The unpacked bytes that some blocks hold.
  func bytes(of blocks: Range<Int>) -> Range<Int> {
    blocks.lowerBound * header.blocksize..<min(header.nbytes, blocks.upperBound * header.blocksize)
  }

  /// Unpacks neighbouring blocks, which `read` gets from the frame: `bytes(of: blocks)`.
  func decode<E: Error>(
    _ blocks: Range<Int>, read: (Range<Int>) throws(E) -> [UInt8], failure: (CodecFailure) -> E
  ) throws(E) -> [UInt8] {
    let wanted = bytes(of: blocks)
    if header.isStored { return try read(wanted.lowerBound + BloscHeader.size..<wanted.upperBound + BloscHeader.size) }
    // A frame must not be shorter than its block size: a short last block takes the one before along.
    let taken = wanted.count < header.blocksize && blocks.lowerBound > 0 ? blocks.lowerBound - 1..<blocks.upperBound : blocks
    let frame = try frame(of: taken, read: read)
    let values: [UInt8]
    do { values = try Blosc.decode(frame, size: .exactly(bytes(of: taken).count)) } catch { throw failure(error) }
    return taken == blocks ? values : Array(values.dropFirst(values.count - wanted.count))
  }

  /// A frame of these blocks alone.
  private func frame<E: Error>(of blocks: Range<Int>, read: (Range<Int>) throws(E) -> [UInt8]) throws(E) -> [UInt8] {
    var table: [UInt8] = []
    var body: [UInt8] = []
    let offset = BloscHeader.size + 4 * blocks.count
    var block = blocks.lowerBound
    while block < blocks.upperBound {
      // Mostly the blocks are in order: one read for all that follow each other.
      let first = starts[block]
      var end = end(of: first)
      table += littleEndian(offset + body.count)
      block += 1
      while block < blocks.upperBound, starts[block] == end {
        table += littleEndian(offset + body.count + end - first)
        end = self.end(of: end)
        block += 1
      }
      body += try read(first..<end)
    }
    return header.with(nbytes: bytes(of: blocks).count, cbytes: offset + body.count).bytes + table + body
  }

  /// Where the block that starts at `start` ends at the latest: where the next one starts, or the frame ends, or when it has as many
  /// bytes as a block can have (streams that are not packed, each with its length).
  private func end(of start: Int) -> Int {
    var low = 0
    var high = bounds.count - 1
    while low < high {
      let middle = (low + high) / 2
      if bounds[middle] > start { high = middle } else { low = middle + 1 }
    }
    let streams = header.typesize <= 16 && header.blocksize / header.typesize >= 128 ? header.typesize : 1
    return min(bounds[low], start + header.blocksize + 4 * streams)
  }
}
