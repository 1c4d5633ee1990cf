/// The memory of a part of an array while it is filled, chunk by chunk, by several threads at disjoint places; and the copying into it.
///
/// The only place of the reader that holds a pointer: every offset is checked against the memory here.
struct RegionBuffer {
  private let memory: UnsafeMutableRawBufferPointer
  private let valueBytes: Int

  /// Values of `type`, all of which `fill` must write.
  /// - Throws: what `fill` throws; the memory is released.
  static func values(of type: StoredType, count: Int, fill: (RegionBuffer) throws(ZarrError) -> Void) throws(ZarrError) -> ArrayValues {
    switch type {
    case .bool: .bool(try array(count, fill))
    case .int8: .int8(try array(count, fill))
    case .uint8: .uint8(try array(count, fill))
    case .int16: .int16(try array(count, fill))
    case .uint16: .uint16(try array(count, fill))
    case .int32: .int32(try array(count, fill))
    case .uint32: .uint32(try array(count, fill))
    case .int64: .int64(try array(count, fill))
    case .uint64: .uint64(try array(count, fill))
    case .float16: .float16(try array(count, fill))
    case .float32: .float32(try array(count, fill))
    case .float64: .float64(try array(count, fill))
    }
  }

  private static func array<Value: BitwiseCopyable>(
    _ count: Int, _ fill: (RegionBuffer) throws(ZarrError) -> Void
  ) throws(ZarrError) -> [Value] {
    var failure: ZarrError?
    let values = [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
      do throws(ZarrError) {
        let memory = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: count * MemoryLayout<Value>.stride)
        try fill(RegionBuffer(memory: memory, valueBytes: MemoryLayout<Value>.stride))
        initialized = count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return values
  }

  /// Writes those values of a chunk that are wanted and that `bytes` holds.
  /// - bytes: values of the chunk in C order of `part`'s axes, starting with value `first`.
  func copy(_ bytes: [UInt8], first: Int, to part: ChunkPart) {
    bytes.withUnsafeBytes { source in
      part.forEachRow(holding: first..<first + source.count / valueBytes) { row, target in
        let from = source.baseAddress.map { $0 + (row.lowerBound - first) * valueBytes }
        write(row.count, at: target, stride: part.strides.last ?? 1) { start, stride in
          guard let from else { return }
          if stride == valueBytes {
            start.copyMemory(from: from, byteCount: row.count * valueBytes)
          } else {
            for i in 0..<row.count { (start + i * stride).copyMemory(from: from + i * valueBytes, byteCount: valueBytes) }
          }
        }
      }
    }
  }

  /// Writes one value, `valueBytes` long, to all wanted places of a chunk.
  func fill(_ value: [UInt8], _ part: ChunkPart) {
    assert(value.count == valueBytes)
    value.withUnsafeBytes { source in
      guard let source = source.baseAddress else { return }
      part.forEachRow(holding: 0..<part.shape.reduce(1, *)) { row, target in
        write(row.count, at: target, stride: part.strides.last ?? 1) { start, stride in
          for i in 0..<row.count { (start + i * stride).copyMemory(from: source, byteCount: valueBytes) }
        }
      }
    }
  }

  /// The other way: the values of a chunk, zero where the region has none.
  /// - region: memory that `part` points into.
  static func chunk(of region: UnsafeRawBufferPointer, _ part: ChunkPart, valueBytes: Int) -> [UInt8] {
    let count = part.shape.reduce(valueBytes, *)
    assert(part.strides.last == 1)
    return [UInt8](unsafeUninitializedCapacity: count) { chunk, initialized in
      chunk.initialize(repeating: 0)
      part.forEachRow(holding: 0..<count / valueBytes) { row, source in
        let to = row.lowerBound * valueBytes, from = source * valueBytes, bytes = row.count * valueBytes
        let target = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(chunk)[to..<to + bytes])
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: region[from..<from + bytes]))
      }
      initialized = count
    }
  }

  /// Hands out the memory of `count` values after checking that it is ours.
  private func write(_ count: Int, at first: Int, stride: Int, _ body: (_ start: UnsafeMutableRawPointer, _ stride: Int) -> Void) {
    guard count > 0, let base = memory.baseAddress else { return }
    let last = first + (count - 1) * stride
    precondition(first >= 0 && stride > 0 && (last + 1) * valueBytes <= memory.count)
    body(base + first * valueBytes, stride * valueBytes)
  }
}

/// The part of a chunk that is wanted, and where its values go in the memory of the region.
struct ChunkPart {
  /// Shape of the chunk.
  var shape: [Int]
  /// What is wanted of each axis.
  var box: [Range<Int>]
  /// Index in the region of the first wanted value.
  var offset: Int
  /// Values of the region per step along each axis of the chunk.
  var strides: [Int]

  /// The same chunk with its axes in another order.
  func transposed(_ axes: [Int]) -> ChunkPart {
    ChunkPart(shape: axes.map { shape[$0] }, box: axes.map { box[$0] }, offset: offset, strides: axes.map { strides[$0] })
  }

  /// From the first to the last wanted value, in C order.
  var range: Range<Int> {
    var first = 0, last = 0
    for axis in shape.indices {
      first = first * shape[axis] + box[axis].lowerBound
      last = last * shape[axis] + box[axis].upperBound - 1
    }
    return first..<last + 1
  }

  /// Calls `body` with every stretch of wanted values along the last axis that lies in `range`, and the place of its first value in the region.
  func forEachRow(holding range: Range<Int>, _ body: (_ row: Range<Int>, _ target: Int) -> Void) {
    let last = shape.count - 1
    let planeValues = shape.dropFirst().reduce(1, *)
    // Along the first axis only what the range can hold; rows beyond it are cut off below.
    let planes = box[0].clamped(to: range.lowerBound / planeValues..<(range.upperBound + planeValues - 1) / planeValues)
    guard last > 0 else {
      let row = box[0].clamped(to: range)
      if !row.isEmpty { body(row, offset + (row.lowerBound - box[0].lowerBound) * strides[0]) }
      return
    }
    guard !planes.isEmpty else { return }
    var index = box.map(\.lowerBound)
    index[0] = planes.lowerBound
    while true {
      var start = 0, target = offset
      for axis in 0..<last {
        start = start * shape[axis] + index[axis]
        target += (index[axis] - box[axis].lowerBound) * strides[axis]
      }
      start *= shape[last]
      let whole = start + box[last].lowerBound..<start + box[last].upperBound
      let row = whole.clamped(to: range)
      if !row.isEmpty { body(row, target + (row.lowerBound - whole.lowerBound) * strides[last]) }
      var axis = last - 1
      while axis >= 0 {
        index[axis] += 1
        if index[axis] < (axis == 0 ? planes : box[axis]).upperBound { break }
        index[axis] = box[axis].lowerBound
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}
