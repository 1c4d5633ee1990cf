import SystemPackage

extension ArrayMetadata {
  /// Reads `.zarray` of Zarr v2; unknown keys are ignored, as zarr-python does.
  init(v2 file: MetadataFile) throws(ZarrError) {
    _ = try file.members()
    let zarrFormat = try file.required("zarr_format")
    guard zarrFormat == .int(2) else {
      guard case .int = zarrFormat else { throw file.invalid("zarr_format", "\(zarrFormat.brief) is not an integer", allowed: "2") }
      throw file.unsupported("has a .zarray of Zarr format \(zarrFormat.brief)", known: "Zarr format 2")
    }
    shape = try file.axes(file.required("shape"), "shape")
    chunkShape = try file.axes(file.required("chunks"), "chunks", rank: shape.count)
    let isBigEndian: Bool
    (type, isBigEndian) = try Self.type(file)
    try file.check(shape: shape, type: type, key: "shape")
    try file.check(chunk: chunkShape, type: type, key: "chunks")

    fill = try Self.fill(file, type)
    keys = ChunkKeys(prefix: nil, separator: try Self.separator(file))
    encoding = ChunkEncoding(axes: try Self.axes(file, rank: shape.count), layout: .values(isBigEndian: isBigEndian), packing: try Self.packing(file))
    format = 2
  }

  private static func type(_ file: MetadataFile) throws(ZarrError) -> (StoredType, Bool) {
    let value = try file.required("dtype")
    switch value {
    case .string(let text):
      guard let type = StoredType.parse(numpyCode: text) else { throw unsupportedType(file, value) }
      return (type.type, type.isBigEndian)
    case .array: throw unsupportedType(file, value)
    default: throw file.invalid("dtype", "\(value.brief) is not a type", allowed: typeList)
    }
  }

  private static func unsupportedType(_ file: MetadataFile, _ value: PythonValue) -> ZarrError {
    file.unsupported("has values of type \(value.brief)", known: typeList)
  }

  private static var typeList: String { StoredType.allCases.map(\.code).joined(separator: " ") + ", with < > or |" }

  private static func fill(_ file: MetadataFile, _ type: StoredType) throws(ZarrError) -> [UInt8] {
    guard let value = file.optional("fill_value") else { return [UInt8](repeating: 0, count: type.bytes) }
    guard let fill = type.bytes(of: value) else { throw file.invalid("fill_value", "\(value.brief) is not a value of \(type)") }
    return fill
  }

  /// Order within a chunk: the first axis fastest (F) is the transposed chunk with its last axis fastest.
  private static func axes(_ file: MetadataFile, rank: Int) throws(ZarrError) -> [Int] {
    switch file.optional("order") {
    case nil, .string("C"): return Array(0..<rank)
    case .string("F"): return (0..<rank).reversed()
    case .some(let order): throw file.invalid("order", "\(order.brief) is not an order", allowed: "\"C\", \"F\"")
    }
  }

  /// An undeclared separator is told by the files: folders named with digits mean `/`.
  private static func separator(_ file: MetadataFile) throws(ZarrError) -> String {
    switch file.optional("dimension_separator") {
    case .string("."): return "."
    case .string("/"): return "/"
    case nil: return try holdsNumberedFolder(file.folder) ? "/" : "."
    case .some(let separator): throw file.invalid("dimension_separator", "\(separator.brief) is not a separator", allowed: "\".\", \"/\"")
    }
  }

  private static func holdsNumberedFolder(_ folder: String) throws(ZarrError) -> Bool {
    do throws(Errno) {
      for name in try FileSystem.names(in: folder) where name.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
        if try FileSystem.kind(of: folder + "/" + name) == .folder { return true }
      }
      return false
    } catch {
      throw .unreadable(file: folder, reason: error.description)
    }
  }

  /// Filters, then the compressor.
  private static func packing(_ file: MetadataFile) throws(ZarrError) -> [BytesCodec] {
    var packing: [BytesCodec] = []
    if let filters = file.optional("filters") {
      guard case .array(let filters) = filters else { throw file.invalid("filters", "\(filters.brief) is not a list") }
      guard filters.count <= ArrayLimits.codecs else { throw file.unsupported("has \(filters.count) filters") }
      for (index, filter) in filters.enumerated() { packing.append(try self.filter(filter, file, "filters[\(index)]")) }
    }
    if let compressor = file.optional("compressor") { packing.append(try self.compressor(compressor, file)) }
    return packing
  }

  private static func filter(_ filter: PythonValue, _ file: MetadataFile, _ key: String) throws(ZarrError) -> BytesCodec {
    guard let id = filter["id"]?.string else { throw file.invalid(key, "\(filter.brief) has no id") }
    guard id == "shuffle" else { throw file.unsupported("has the filter '\(id)', without which its values are wrong", known: "shuffle") }
    return .shuffle(elementBytes: try file.elementBytes(filter["elementsize"] ?? 4, key + ".elementsize"))
  }

  private static func compressor(_ compressor: PythonValue, _ file: MetadataFile) throws(ZarrError) -> BytesCodec {
    guard let id = compressor["id"]?.string else { throw file.invalid("compressor", "\(compressor.brief) has no id") }
    switch id {
    case "blosc": return .blosc
    case "zlib": return .zlib
    case "gzip": return .gzip
    case "zstd": return .zstd
    default: throw file.unsupported("is compressed with '\(id)'", known: "blosc, zlib, gzip, zstd, none")
    }
  }
}

extension MetadataFile {
  /// The size that a shuffle works with.
  func elementBytes(_ value: PythonValue, _ key: String) throws(ZarrError) -> Int {
    guard case .int(let size) = value, (1...255).contains(size) else {
      throw invalid(key, "\(value.brief) is not a size of values", allowed: "1...255")
    }
    return size
  }
}
