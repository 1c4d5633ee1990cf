import SystemPackage

/// A tomogram in an MRC file (`.mrc`, `.rec`, `.map`): its header is read and checked when it is opened, its values box by box when they are
/// asked for.
///
/// Modes 0, 1, 2, 6 and 12 in both byte orders; IMOD's signed and unsigned bytes; extended headers, which are skipped; any order of axes.
/// Values keep their type.
public struct MRCFile: VolumeSource, Sendable {
  /// As the user gave it.
  public let path: String
  let header: MRCHeader
  private let file: PositionedFile

  /// Opens a file; what it holds counts, not its name.
  public init(_ path: String) throws(MRCError) {
    self.path = path
    do throws(Errno) {
      file = try PositionedFile(path)
    } catch {
      switch error {
      case .noSuchFileOrDirectory, .notDirectory: throw .missing(file: path)
      case .isDirectory: throw .notMRC(file: path, what: "is a folder, not an MRC file", remedy: nil)
      case .notSupported: throw .notMRC(file: path, what: "is not a file", remedy: nil)
      default: throw .unreadable(file: path, reason: error.description)
      }
    }
    let start: [UInt8] = try MRCFile.read(file, path, at: 0, count: min(file.count, MRCHeader.size))
    try MRCFile.refuseOtherFormats(start, path)
    header = try MRCHeader(start, file: path, fileBytes: file.count)
  }

  public var name: String { path }
  public var shape: VolumeShape { header.shape }
  /// Edges of a voxel along z, y, x in ångström; nil when the header does not say.
  public var spacing: [Double]? { header.spacing }
  /// What a person should know.
  public var warnings: [Warning] { header.warnings }

  public var element: VoxelElement {
    switch header.values {
    case .int8: .int8
    case .uint8: .uint8
    case .int16: .int16
    case .uint16: .uint16
    case .float16: .float16
    case .float32: .float32
    }
  }

  /// Sections of the file, as many as make some megabytes.
  public var preferredBox: VolumeShape {
    let sectionBytes = max(1, header.fileShape[1] * header.fileShape[2] * header.values.bytes)
    return shape.with(header.axes[0], max(1, min(header.fileShape[0], MRCFile.pieceBytes / sectionBytes)))
  }

  /// Of one section, unless it is read to its place.
  public var scratchBytes: Int { header.fileShape[1] * header.fileShape[2] * header.values.bytes }

  private static let pieceBytes = 16 << 20

  public func read(_ box: VolumeBox) throws(MRCError) -> VoxelBlock {
    switch header.values {
    case .int8: .int8(try values(of: box))
    case .uint8: .uint8(try values(of: box))
    case .int16: .int16(try values(of: box))
    case .uint16: .uint16(try values(of: box))
    case .float16: .float16(try values(of: box))
    case .float32: .float32(try values(of: box))
    }
  }

  private func values<Value: MRCValue>(of box: VolumeBox) throws(MRCError) -> [Value] {
    let size = header.fileShape, ranges = header.axes.map { box[$0] }
    if header.axes == VolumeAxis.allCases, box.y.count == size[1], box.x.count == size[2] {
      return try stored(at: box.z.lowerBound * size[1] * size[2], count: box.shape.count)
    }
    // From one value to the next in the block, along sections, rows and columns.
    let steps = header.axes.map { axis in
      switch axis {
      case .z: box.y.count * box.x.count
      case .y: box.x.count
      case .x: 1
      }
    }
    var block = [Value](repeating: .zero, count: box.shape.count)
    for section in ranges[0] {
      let first = (section * size[1] + ranges[1].lowerBound) * size[2] + ranges[2].lowerBound
      let rows: [Value] = try stored(at: first, count: (ranges[1].count - 1) * size[2] + ranges[2].count)
      for row in 0..<ranges[1].count {
        let target = (section - ranges[0].lowerBound) * steps[0] + row * steps[1]
        for column in 0..<ranges[2].count { block[target + column * steps[2]] = rows[row * size[2] + column] }
      }
    }
    return block
  }

  /// Values as they follow each other in the file, in this machine's byte order.
  private func stored<Value: MRCValue>(at index: Int, count: Int) throws(MRCError) -> [Value] {
    var values: [Value] = try MRCFile.read(file, path, at: header.dataOffset + index * header.values.bytes, count: count)
    if header.isBigEndian, header.values.bytes > 1 { for i in values.indices { values[i] = values[i].swapped } }
    return values
  }

  private static func read<Value: BitwiseCopyable>(_ file: PositionedFile, _ path: String, at offset: Int, count: Int) throws(MRCError) -> [Value] {
    let values: [Value]
    do throws(Errno) {
      values = try file.read(at: offset, count: count)
    } catch {
      throw .unreadable(file: path, reason: error.description)
    }
    guard values.count == count else { throw .unreadable(file: path, reason: "it became shorter while it was read") }
    return values
  }

  /// By the first bytes, as far as people take such files for tomograms.
  private static func refuseOtherFormats(_ start: [UInt8], _ path: String) throws(MRCError) {
    let known: [(start: [UInt8], what: String, remedy: String)] = [
      ([0x1F, 0x8B], "is packed with gzip", "unpack it: gunzip '\(path)'"), (Array("BZh".utf8), "is packed with bzip2", "unpack it: bunzip2 '\(path)'"),
      ([0xFD] + Array("7zXZ".utf8), "is packed with xz", "unpack it: unxz '\(path)'"),
      ([0x28, 0xB5, 0x2F, 0xFD], "is packed with zstd", "unpack it: unzstd '\(path)'"),
      ([0x89] + Array("HDF".utf8), "is an HDF5 file", "write it as MRC or OME-Zarr"),
      (Array("II*\0".utf8), "is a TIFF file", "write it as MRC, e.g. with 'tif2mrc'"), (Array("MM\0*".utf8), "is a TIFF file", "write it as MRC, e.g. with 'tif2mrc'"),
    ]
    for format in known where start.starts(with: format.start) {
      throw .otherFormat(file: path, what: format.what + ", which is not read", remedy: format.remedy)
    }
  }
}

/// A type of stored values.
private protocol MRCValue: BitwiseCopyable {
  static var zero: Self { get }
  /// Its bytes backwards.
  var swapped: Self { get }
}

extension MRCValue where Self: FixedWidthInteger {
  var swapped: Self { byteSwapped }
}

extension Int8: MRCValue {}
extension UInt8: MRCValue {}
extension Int16: MRCValue {}
extension UInt16: MRCValue {}

extension Half: MRCValue {
  fileprivate static var zero: Half { Half(bits: 0) }
  fileprivate var swapped: Half { Half(bits: bits.byteSwapped) }
}

extension Float: MRCValue {
  fileprivate var swapped: Float { Float(bitPattern: bitPattern.byteSwapped) }
}
