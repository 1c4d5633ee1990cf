/// A label volume that is being written as an MRC file (MRC2014, little endian), slab by slab.
///
/// Labels up to 127 are bytes (mode 0), which signed and unsigned readers take alike; higher ones are 16-bit integers, signed up to 32767
/// (mode 1), else unsigned (mode 6).
public struct MRCLabelFile: LabelSink {
  private let file: PartialFile
  private let shape: VolumeShape
  private let spacing: VoxelSpacing
  private let mode: Mode
  private let texts: [String]

  /// The highest label that there can be.
  public static let highestLabel = 65535

  private enum Mode: Int {
    case int8 = 0, int16 = 1, uint16 = 6

    init(highestLabel: Int) { self = highestLabel <= 127 ? .int8 : highestLabel <= 32767 ? .int16 : .uint16 }

    var bytes: Int { self == .int8 ? 1 : 2 }
  }

  /// - highestLabel: that the labels can have, 65535 at most.
  /// - texts: for the header's ten lines of 80 ASCII characters; what is longer is cut off.
  public init(shape: VolumeShape, spacing: VoxelSpacing, highestLabel: Int, texts: [String], to file: PartialFile) {
    self.file = file
    self.shape = shape
    self.spacing = spacing
    mode = Mode(highestLabel: highestLabel)
    self.texts = texts
  }

  public var chunk: VolumeShape { VolumeShape(z: 1, y: 1, x: 1) }

  /// Bytes of the file.
  public static func bytes(shape: VolumeShape, highestLabel: Int) -> Int { MRCHeader.size + shape.count * Mode(highestLabel: highestLabel).bytes }

  public func write(_ labels: Span<UInt8>, of box: VolumeBox) throws(OutputError) { try write(integers: labels, of: box) }

  /// Takes labels from 0 to the highest one of the file, axes (z, y, x), x fastest.
  public func write<Label: FixedWidthInteger>(integers labels: Span<Label>, of box: VolumeBox) throws(OutputError) {
    // Whole planes follow each other in the file, as do whole rows of one plane.
    let isPlanes = box.y.count == shape.y && box.x.count == shape.x, isRows = box.x.count == shape.x
    let length = isPlanes ? labels.count : isRows ? box.y.count * box.x.count : box.x.count
    guard length > 0 else { return }
    for (number, start) in stride(from: 0, to: labels.count, by: length).enumerated() {
      let z = box.z.lowerBound + (isPlanes ? 0 : isRows ? number : number / box.y.count)
      let y = box.y.lowerBound + (isPlanes || isRows ? 0 : number % box.y.count)
      try write(labels.extracting(start..<start + length), at: (z * shape.y + y) * shape.x + box.x.lowerBound)
    }
  }

  private func write<Label: FixedWidthInteger>(_ labels: Span<Label>, at voxel: Int) throws(OutputError) {
    // Some megabytes at a time.
    for start in stride(from: 0, to: labels.count, by: 1 << 20) {
      let range = start..<min(labels.count, start + 1 << 20), offset = MRCHeader.size + mode.bytes * (voxel + start)
      if mode == .int8 {
        let narrow = range.map { UInt8(truncatingIfNeeded: labels[$0]) }
        try file.write(narrow.span, at: offset)
      } else {
        // The bits of a signed integer that is not negative are those of the unsigned one.
        let wide = range.map { UInt16(truncatingIfNeeded: labels[$0]).littleEndian }
        try file.write(wide.span, at: offset)
      }
    }
  }

  /// Writes the header and gives the file its name.
  /// - voxelsPerLabel: voxels with label 0, 1, ...
  public func commit(voxelsPerLabel: [Int]) throws(OutputError) {
    try file.write(header(voxelsPerLabel).span, at: 0)
    try file.commit()
  }

  private func header(_ voxelsPerLabel: [Int]) -> [UInt32] {
    var words = [UInt32](repeating: 0, count: MRCHeader.size / 4)
    let sizes = [shape.x, shape.y, shape.z]
    func put(_ index: Int, _ value: Int) { words[index] = UInt32(bitPattern: Int32(clamping: value)) }
    func put(_ index: Int, _ value: Double) { words[index] = Float(value).bitPattern }
    func put(_ index: Int, _ text: [UInt8]) {
      for (i, byte) in text.enumerated() { words[index + i / 4] |= UInt32(byte) << (8 * (i % 4)) }
    }
    for axis in 0..<3 {
      put(axis, sizes[axis])
      put(7 + axis, sizes[axis])
      put(10 + axis, Double(sizes[axis]) * spacing.angstrom)
      put(13 + axis, 90.0)
      put(16 + axis, axis + 1)
    }
    put(3, mode.rawValue)
    put(22, 1)  // a volume
    put(27, 20140)
    put(52, Array("MAP DD\0\0".utf8))
    let statistics = LabelStatistics(voxelsPerLabel)
    put(19, statistics.least)
    put(20, statistics.highest)
    put(21, statistics.mean)
    put(54, statistics.deviation)
    let lines = texts.prefix(10)
    put(55, lines.count)
    for (number, line) in lines.enumerated() {
      let ascii = line.unicodeScalars.prefix(80).map { $0.isASCII && $0.value >= 32 ? UInt8($0.value) : UInt8(ascii: "?") }
      put(56 + 20 * number, ascii + [UInt8](repeating: UInt8(ascii: " "), count: 80 - ascii.count))
    }
    return words.map(\.littleEndian)
  }
}

/// What an MRC header says of its values.
private struct LabelStatistics {
  var least = 0.0, highest = 0.0, mean = 0.0, deviation = 0.0

  init(_ voxelsPerLabel: [Int]) {
    let voxels = Double(voxelsPerLabel.reduce(0, +))
    guard voxels > 0 else { return }
    least = Double(voxelsPerLabel.firstIndex { $0 > 0 } ?? 0)
    highest = Double(voxelsPerLabel.lastIndex { $0 > 0 } ?? 0)
    mean = voxelsPerLabel.enumerated().reduce(0) { $0 + Double($1.offset) * Double($1.element) } / voxels
    let squares = voxelsPerLabel.enumerated().reduce(0) { $0 + (Double($1.offset) - mean) * (Double($1.offset) - mean) * Double($1.element) }
    deviation = (squares / voxels).squareRoot()
  }
}
