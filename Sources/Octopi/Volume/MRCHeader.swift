/// The header of an MRC file, checked: every number in it can be calculated with (MRC2014, Cheng et al. 2015, doi:10.1016/j.jsb.2015.04.002;
/// IMOD's additions: bio3d.colorado.edu/imod/doc/mrc_format.txt).
struct MRCHeader: Sendable, Hashable {
  /// Type of the stored values.
  enum Values: Sendable, Hashable {
    case int8, uint8, int16, float32, uint16, float16

    var bytes: Int {
      switch self {
      case .int8, .uint8: 1
      case .int16, .uint16, .float16: 2
      case .float32: 4
      }
    }
  }

  static let size = 1024
  /// No microscope makes more voxels along an axis; a header read in the wrong byte order mostly does.
  private static let longestAxis = 1 << 24

  let isBigEndian: Bool
  let values: Values
  /// Sections, rows, columns, as they lie in the file.
  let fileShape: [Int]
  /// The axis of the volume that each of these runs along.
  let axes: [VolumeAxis]
  /// Where the values begin, in bytes.
  let dataOffset: Int
  /// Edges of a voxel along z, y, x in ångström; nil when the header does not say.
  let spacing: [Double]?
  let warnings: [Warning]

  /// Voxels along z, y, x.
  var shape: VolumeShape {
    let size = { (axis: VolumeAxis) in axes.firstIndex(of: axis).map { fileShape[$0] } ?? 1 }
    return VolumeShape(z: size(.z), y: size(.y), x: size(.x))
  }

  /// - bytes: the first 1024 of the file, or all if it is shorter.
  /// - fileBytes: size of the file.
  init(_ bytes: [UInt8], file: String, fileBytes: Int) throws(MRCError) {
    guard bytes.count >= Self.size else {
      throw .notMRC(file: file, what: "has \(fileBytes) bytes, the header of an MRC file has \(Self.size)", remedy: nil)
    }
    let words = try MRCWords.inRightOrder(bytes, file: file)
    var warnings: [Warning] = []
    isBigEndian = words.isBigEndian
    fileShape = try Self.sizes(words, file)
    axes = try Self.axes(words, file)
    values = try Self.values(words, file, &warnings)
    dataOffset = try Self.dataOffset(words, file, fileBytes)
    spacing = Self.spacing(words, fileShape, axes)
    self.warnings = warnings
    try Self.checkStack(words, fileShape, file)
    try checkSize(file, fileBytes)
  }

  private static func sizes(_ words: MRCWords, _ file: String) throws(MRCError) -> [Int] {
    let sizes = [words.integer(2), words.integer(1), words.integer(0)]
    guard sizes.allSatisfy({ (1...longestAxis).contains($0) }) else {
      let said = sizes.reversed().map(String.init).joined(separator: ", ")
      throw .header(file: file, place: "the size nx, ny, nz (bytes 0 to 11)", problem: "is \(said)")
    }
    return sizes
  }

  private static func axes(_ words: MRCWords, _ file: String) throws(MRCError) -> [VolumeAxis] {
    let numbers = [words.integer(18), words.integer(17), words.integer(16)]
    // Left empty by older programs, which knew one order only.
    if numbers == [0, 0, 0] { return [.z, .y, .x] }
    guard numbers.sorted() == [1, 2, 3] else {
      let said = numbers.reversed().map(String.init).joined(separator: ", ")
      throw .header(file: file, place: "the order of axes mapc, mapr, maps (bytes 64 to 75)", problem: "is \(said), not an order of 1, 2, 3")
    }
    return numbers.map { [VolumeAxis.x, .y, .z][$0 - 1] }
  }

  private static func values(_ words: MRCWords, _ file: String, _ warnings: inout [Warning]) throws(MRCError) -> Values {
    let mode = words.integer(3)
    switch mode {
    case 0:
      guard let isSigned = words.imodSaysSigned else {
        let (least, most) = (words.float(19), words.float(20))
        if least >= 0, most > 127, most < 256 {
          warnings.append(
            Warning(
              "'\(file)': bytes without IMOD's mark are signed, but its header gives values up to \(Int(most))",
              remedy: "if particles look inverted, write it as mode 6 or 2"))
        }
        return .int8
      }
      return isSigned ? .int8 : .uint8
    case 1: return .int16
    case 2: return .float32
    case 6: return .uint16
    case 12: return .float16
    default: throw .mode(file: file, mode: mode, meaning: meanings[mode])
    }
  }

  private static let meanings = [
    3: "complex numbers of 16-bit integers", 4: "complex numbers of 32-bit floats", 5: "bytes, as some programs wrote them",
    7: "32-bit integers", 16: "colours", 101: "4-bit integers",
  ]

  private static func dataOffset(_ words: MRCWords, _ file: String, _ fileBytes: Int) throws(MRCError) -> Int {
    let extended = words.integer(23)
    guard extended >= 0, extended <= fileBytes - size else {
      throw .header(
        file: file, place: "the length of the extended header, nsymbt (bytes 92 to 95)",
        problem: "is \(extended), of \(fileBytes - size) bytes behind the header")
    }
    return size + extended
  }

  /// The cell is divided into `mx`, `my`, `mz` parts; programs that leave these empty mean the size.
  private static func spacing(_ words: MRCWords, _ fileShape: [Int], _ axes: [VolumeAxis]) -> [Double]? {
    var spacing: [Double] = []
    for (number, axis) in VolumeAxis.allCases.reversed().enumerated() {
      let cell = Double(words.float(10 + number)), intervals = words.integer(7 + number)
      let parts = intervals > 0 ? intervals : axes.firstIndex(of: axis).map { fileShape[$0] } ?? 1
      guard cell.isFinite, cell > 0 else { return nil }
      spacing.append(cell / Double(parts))
    }
    return spacing.reversed()
  }

  /// Space groups 401 to 630 mean volumes of `mz` sections, one behind the other.
  private static func checkStack(_ words: MRCWords, _ fileShape: [Int], _ file: String) throws(MRCError) {
    let sections = words.integer(9)
    guard (401...630).contains(words.integer(22)), sections > 0, sections < fileShape[0] else { return }
    throw .stack(file: file, volumes: fileShape[0] / sections, sections: sections)
  }

  private func checkSize(_ file: String, _ fileBytes: Int) throws(MRCError) {
    // Three axes of at most 2^24 and four bytes are below 2^63 only when multiplied with care.
    var expected = values.bytes
    for size in fileShape {
      let (product, overflow) = expected.multipliedReportingOverflow(by: size)
      guard !overflow, product < 1 << 60 else {
        throw .header(file: file, place: "the size nx, ny, nz (bytes 0 to 11)", problem: "is \(shape): more than can be addressed")
      }
      expected = product
    }
    guard dataOffset + expected == fileBytes else {
      let header = dataOffset > Self.size ? "headers of \(dataOffset) bytes" : "a header"
      throw .size(
        file: file, bytes: fileBytes, expected: dataOffset + expected,
        what: "\(header) and \(shape) voxels of \(values.bytes == 1 ? "1 byte" : "\(values.bytes) bytes") are")
    }
  }
}

/// The header as numbers of four bytes.
struct MRCWords {
  private let bytes: [UInt8]
  let isBigEndian: Bool

  private init(_ bytes: [UInt8], isBigEndian: Bool) {
    self.bytes = bytes
    self.isBigEndian = isBigEndian
  }

  /// Finds the byte order. The machine stamp is what programs forget most, so sizes, mode and axes decide; the stamp only if they fit both.
  static func inRightOrder(_ bytes: [UInt8], file: String) throws(MRCError) -> MRCWords {
    let little = MRCWords(bytes, isBigEndian: false), big = MRCWords(bytes, isBigEndian: true)
    switch (little.isPlausible, big.isPlausible) {
    case (true, false): return little
    case (false, true): return big
    case (true, true): return little.stampIsBigEndian ? big : little
    case (false, false):
      guard little.hasMark else {
        throw .notMRC(file: file, what: "is not an MRC file: neither 'MAP ' at byte 208 nor a size, a mode and axes that can be", remedy: nil)
      }
      return little.stampIsBigEndian ? big : little
    }
  }

  /// Bytes of the header from 4 * `index` on.
  private func bits(_ index: Int) -> UInt32 {
    let four = bytes[4 * index..<4 * index + 4]
    return (isBigEndian ? Array(four) : four.reversed()).reduce(0) { $0 << 8 | UInt32($1) }
  }

  func integer(_ index: Int) -> Int { Int(Int32(bitPattern: bits(index))) }
  func float(_ index: Int) -> Float { Float(bitPattern: bits(index)) }

  /// What IMOD says of bytes: signed or not; nil if it did not write the file.
  var imodSaysSigned: Bool? { integer(38) == 1_146_047_817 ? integer(39) & 1 == 1 : nil }

  private var hasMark: Bool { Array(bytes[208..<211]) == Array("MAP".utf8) }
  private var stampIsBigEndian: Bool { bytes[212] == 0x11 }

  private var isPlausible: Bool {
    (0..<3).allSatisfy { (1...1 << 24).contains(integer($0)) } && (0..<1 << 16).contains(integer(3))
      && (16...18).allSatisfy { (0...3).contains(integer($0)) }
  }
}
