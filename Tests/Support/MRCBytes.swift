/// Writes MRC files byte by byte; the test's own writer, so that what reads them is not tested with itself.
public struct MRCBytes: Sendable {
  /// Sections, rows, columns.
  public var size: [Int]
  public var mode: Int
  /// Lengths of the cell along x, y, z; nil for 10 A times the size.
  public var cell: [Float]?
  /// Parts of the cell along x, y, z; nil for the size.
  public var intervals: [Int]?
  /// mapc, mapr, maps.
  public var axes = [1, 2, 3]
  public var extended = 0
  /// IMOD's stamp with these flags; nil for another program.
  public var imodFlags: Int?
  public var stamp: [UInt8] = [0x44, 0x44, 0, 0]
  public var isBigEndian = false
  public var spaceGroup = 1
  /// Least and highest value.
  public var range: (Float, Float) = (0, -1)

  public init(size: [Int], mode: Int) {
    self.size = size
    self.mode = mode
  }

  /// The file with these values, which are in its byte order already.
  public func file(_ values: [UInt8]) -> [UInt8] {
    var words = [UInt32](repeating: 0, count: 256)
    let intervals = intervals ?? size.reversed(), cell = cell ?? size.reversed().map { 10 * Float($0) }
    func put(_ index: Int, _ value: Int) { words[index] = UInt32(bitPattern: Int32(truncatingIfNeeded: value)) }
    for axis in 0..<3 {
      put(axis, size[2 - axis])
      put(7 + axis, intervals[axis])
      words[10 + axis] = cell[axis].bitPattern
      words[13 + axis] = Float(90).bitPattern
      put(16 + axis, axes[axis])
    }
    put(3, mode)
    words[19] = range.0.bitPattern
    words[20] = range.1.bitPattern
    put(22, spaceGroup)
    put(23, extended)
    put(27, 20140)
    if let imodFlags {
      put(38, 1_146_047_817)
      put(39, imodFlags)
    }
    var bytes = words.flatMap { word in
      (0..<4).map { UInt8(truncatingIfNeeded: word >> (isBigEndian ? 24 - 8 * $0 : 8 * $0)) }
    }
    bytes.replaceSubrange(208..<216, with: Array("MAP ".utf8) + stamp)
    return bytes + [UInt8](repeating: 7, count: max(0, min(extended, 1 << 16))) + values
  }
}
