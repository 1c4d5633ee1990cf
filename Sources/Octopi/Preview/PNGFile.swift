import CPNG

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// PNG pictures through libpng. The same pixels give the same bytes.
enum PNGFile {
  /// Version of the library that is linked.
  static var libraryVersion: String { png_get_libpng_ver(nil).map { String(cString: $0) } ?? "unknown" }

  /// What a picture is made of.
  enum Pixels {
    /// 8 bits a pixel.
    case grey
    /// 4 bits a pixel, two in a byte, the left one in the upper half; rows begin with a byte.
    case grey4
    /// Red, green, blue, 8 bits each.
    case colour

    /// Colour pictures are few, planes of pages many.
    fileprivate var effort: Int32 { self == .colour ? 9 : 6 }
    fileprivate var bits: Int32 { self == .grey4 ? 4 : 8 }
    fileprivate var type: Int32 { self == .colour ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY }

    func rowBytes(_ width: Int) -> Int {
      switch self {
      case .grey: width
      case .grey4: (width + 1) / 2
      case .colour: 3 * width
      }
    }
  }

  /// - rows: `rowBytes(width)` bytes for each row, the first on top.
  /// - isFiltered: whether neighbours predict each other: for smooth pictures. Noise with few greys packs better without.
  /// - texts: kept as they are where they are ASCII; anything else becomes `?`.
  static func bytes(
    _ rows: [UInt8], width: Int, height: Int, _ pixels: Pixels, isFiltered: Bool = false, texts: [(key: String, text: String)] = []
  ) throws(PreviewError) -> [UInt8] {
    guard width > 0, height > 0, width < 1 << 20, height < 1 << 20, rows.count == height * pixels.rowBytes(width) else {
      throw .picture("\(width) x \(height) pixels of \(rows.count) bytes")
    }
    var output = cpng_output()
    defer { free(output.bytes) }
    let keys = texts.map { strdup($0.key) }, values = texts.map { strdup(ascii($0.text)) }
    defer { for text in keys + values { free(text) } }
    let status = keys.map { UnsafePointer($0) }.withUnsafeBufferPointer { keys in
      values.map { UnsafePointer($0) }.withUnsafeBufferPointer { values in
        rows.withUnsafeBufferPointer {
          cpng_write(
            $0.baseAddress, pixels.rowBytes(width), UInt32(width), UInt32(height), pixels.bits, pixels.type,
            isFiltered ? 1 : 0, pixels.effort, keys.baseAddress, values.baseAddress, Int32(texts.count), &output)
        }
      }
    }
    guard status == 0 else {
      let message = withUnsafeBytes(of: output.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      throw .picture(message.isEmpty ? "libpng does not start" : message)
    }
    return Array(UnsafeBufferPointer(start: output.bytes, count: output.count))
  }

  /// Labels below 16, two in a byte.
  static func packed(_ plane: Plane<UInt8>) -> [UInt8] {
    var rows: [UInt8] = []
    rows.reserveCapacity(plane.height * ((plane.width + 1) / 2))
    for y in 0..<plane.height {
      for x in stride(from: 0, to: plane.width, by: 2) {
        rows.append(plane[x, y] << 4 | (x + 1 < plane.width ? plane[x + 1, y] & 15 : 0))
      }
    }
    return rows
  }

  private static func ascii(_ text: String) -> String {
    String(text.unicodeScalars.map { (" "..."~").contains($0) ? Character($0) : "?" })
  }
}
