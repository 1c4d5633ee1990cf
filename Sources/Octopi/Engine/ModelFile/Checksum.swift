/// The checksum of sections: eight lanes of 64 bits, each `h = rotate(h ^ word, 29) * P`, folded in the same way.
///
/// Each step is one-to-one, so that a change within one word of a lane always shows; others are missed once in 2^64. About as fast as memory.
struct Checksum {
  private static let prime: UInt64 = 0x9E37_79B1_85EB_CA87

  private var lanes = InlineArray<8, UInt64> { UInt64($0) }
  private var count = 0

  /// Of whole blocks of 64 bytes.
  static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var checksum = Checksum()
    checksum.add(bytes)
    return checksum.value
  }

  /// Adds whole blocks of 64 bytes.
  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    var lanes = lanes
    for block in 0..<bytes.count / 64 {
      let words = start + block * 64
      for i in 0..<8 { lanes[i] = Self.step(lanes[i], UInt64(littleEndian: words.load(fromByteOffset: i * 8, as: UInt64.self))) }
    }
    self.lanes = lanes
    count += bytes.count
  }

  /// Of all blocks so far.
  var value: UInt64 {
    var h = UInt64(count)
    for i in 0..<8 { h = Self.step(h, lanes[i]) }
    return h ^ h >> 32
  }

  @inline(__always)
  private static func step(_ h: UInt64, _ word: UInt64) -> UInt64 {
    let mixed = h ^ word
    return (mixed << 29 | mixed >> 35) &* prime
  }
}
