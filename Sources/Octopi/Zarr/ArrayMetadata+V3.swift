extension ArrayMetadata {
  /// Reads `zarr.json` of a Zarr v3 array. A key that is not known is refused unless it says that it need not be understood.
  init(v3 file: MetadataFile) throws(ZarrError) {
    try Self.checkKeys(file)
    shape = try file.axes(file.required("shape"), "shape")
    type = try Self.type(file)
    try file.check(shape: shape, type: type, key: "shape")
    chunkShape = try Self.chunkShape(file, rank: shape.count)
    try file.check(shape: chunkShape, type: type, key: "chunk_grid")
    keys = try Self.keys(file)
    fill = try Self.fill(file, type)
    guard case .array(let codecs) = try file.required("codecs") else { throw file.invalid("codecs", "it is not a list") }
    encoding = try CodecList(file: file, type: type).encoding(codecs, "codecs", chunk: chunkShape)
    format = 3
  }

  private static let known: Set<String> = [
    "zarr_format", "node_type", "shape", "data_type", "chunk_grid", "chunk_key_encoding", "fill_value", "codecs", "attributes",
    "dimension_names", "storage_transformers",
  ]

  private static func checkKeys(_ file: MetadataFile) throws(ZarrError) {
    let members = try file.members()
    let zarrFormat = try file.required("zarr_format")
    guard zarrFormat == .int(3) else {
      guard case .int = zarrFormat else { throw file.invalid("zarr_format", "\(zarrFormat.brief) is not an integer", allowed: "3") }
      throw file.unsupported("has a zarr.json of Zarr format \(zarrFormat.brief)", known: "Zarr format 3")
    }
    let node = try file.required("node_type")
    guard node == .string("array") else { throw file.invalid("node_type", "it is \(node.brief), where an array is needed", allowed: "\"array\"") }
    for member in members where !known.contains(member.name) && member.value["must_understand"] != .bool(false) {
      throw file.unsupported("has the key '\(member.name)', which must be understood and is not known")
    }
    switch file.optional("storage_transformers") {
    case nil: break
    case .array(let transformers):
      guard let first = transformers.first else { break }
      throw file.unsupported("is stored through the transformer \(first["name"]?.brief ?? first.brief)")
    case .some(let other): throw file.invalid("storage_transformers", "\(other.brief) is not a list")
    }
  }

  private static func type(_ file: MetadataFile) throws(ZarrError) -> StoredType {
    let value = try file.required("data_type")
    if let type = value.string.flatMap(StoredType.init(rawValue:)) { return type }
    let name = value.string ?? value["name"]?.string
    guard let name else { throw file.invalid("data_type", "\(value.brief) is not a type") }
    throw file.unsupported("has values of type '\(name)'", known: StoredType.allCases.map(\.rawValue).joined(separator: ", "))
  }

  private static func chunkShape(_ file: MetadataFile, rank: Int) throws(ZarrError) -> [Int] {
    let grid = try file.required("chunk_grid")
    guard let name = grid["name"]?.string else { throw file.invalid("chunk_grid", "\(grid.brief) has no name") }
    guard name == "regular" else { throw file.unsupported("has the chunk grid '\(name)'", known: "regular") }
    return try file.axes(grid["configuration"]?["chunk_shape"], "chunk_grid.configuration.chunk_shape", rank: rank)
  }

  private static func keys(_ file: MetadataFile) throws(ZarrError) -> ChunkKeys {
    let encoding = try file.required("chunk_key_encoding")
    guard let name = encoding.string ?? encoding["name"]?.string else { throw file.invalid("chunk_key_encoding", "\(encoding.brief) has no name") }
    let separator = encoding["configuration"]?["separator"]
    if let separator, separator != .string("/"), separator != .string(".") {
      throw file.invalid("chunk_key_encoding.configuration.separator", "\(separator.brief) is not a separator", allowed: "\".\", \"/\"")
    }
    switch name {
    case "default": return ChunkKeys(prefix: "c", separator: separator?.string ?? "/")
    case "v2": return ChunkKeys(prefix: nil, separator: separator?.string ?? ".")
    default: throw file.unsupported("names its chunks by the encoding '\(name)'", known: "default, v2")
    }
  }

  private static func fill(_ file: MetadataFile, _ type: StoredType) throws(ZarrError) -> [UInt8] {
    let value = try file.required("fill_value")
    if let text = value.string, text.hasPrefix("0x"), let fill = type.bytes(ofBits: text.dropFirst(2)) { return fill }
    guard let fill = type.bytes(of: value) else { throw file.invalid("fill_value", "\(value.brief) is not a value of \(type)") }
    return fill
  }
}

/// Reads a list of Zarr v3 codecs, of a chunk, of the chunks inside of a shard, or of its index.
private struct CodecList {
  let file: MetadataFile
  let type: StoredType

  /// First arrays to arrays, then exactly one array to bytes, then bytes to bytes.
  /// - chunk: shape of what is encoded, in its own axes.
  func encoding(_ codecs: [PythonValue], _ key: String, chunk: [Int]) throws(ZarrError) -> ChunkEncoding {
    guard codecs.count <= ArrayLimits.codecs else { throw file.unsupported("has \(codecs.count) codecs") }
    var axes = Array(chunk.indices)
    var layout: ChunkLayout?
    var packing: [BytesCodec] = []
    for (index, codec) in codecs.enumerated() {
      let key = "\(key)[\(index)]"
      let name = try name(of: codec, key)
      if name == "transpose" {
        guard layout == nil else { throw file.invalid(key, "transpose stands behind the codec that makes bytes") }
        let order = try order(codec, key, rank: chunk.count)
        axes = order.map { axes[$0] }
      } else if let found = try self.layout(name, codec, key, chunk: axes.map { chunk[$0] }) {
        guard layout == nil else { throw file.invalid(key, "\(name) is the second codec that makes bytes of arrays") }
        layout = found
      } else {
        let found = try bytesCodec(name, codec, key)
        guard layout != nil else { throw file.invalid(key, "\(name) stands before the codec that makes bytes of arrays") }
        packing.append(found)
      }
    }
    guard let layout else { throw file.invalid(key, "no codec makes bytes of arrays", allowed: "bytes, sharding_indexed") }
    if case .values = layout { try file.check(chunk: chunk, type: type, key: key) }
    return ChunkEncoding(axes: axes, layout: layout, packing: packing)
  }

  private func name(of codec: PythonValue, _ key: String) throws(ZarrError) -> String {
    guard let name = codec.string ?? codec["name"]?.string else { throw file.invalid(key, "\(codec.brief) has no name") }
    return name
  }

  private func order(_ codec: PythonValue, _ key: String, rank: Int) throws(ZarrError) -> [Int] {
    let order = codec["configuration"]?["order"]
    let axes = order?.list?.compactMap(\.integer) ?? []
    guard axes.count == order?.list?.count, axes.sorted() == Array(0..<rank) else {
      throw file.invalid(key + ".configuration.order", "\(order?.brief ?? "it is missing or") is not an order of \(rank) axes")
    }
    return axes
  }

  private func layout(_ name: String, _ codec: PythonValue, _ key: String, chunk: [Int]) throws(ZarrError) -> ChunkLayout? {
    switch name {
    case "bytes": .values(isBigEndian: try isBigEndian(codec, key, valueBytes: type.bytes))
    case "sharding_indexed": .sharded(try sharding(codec, key + ".configuration", shard: chunk))
    default: nil
    }
  }

  private func isBigEndian(_ codec: PythonValue, _ key: String, valueBytes: Int) throws(ZarrError) -> Bool {
    switch codec["configuration"]?["endian"] {
    case .string("little"): return false
    case .string("big"): return true
    case nil, .null:
      guard valueBytes == 1 else { throw file.invalid(key + ".configuration.endian", "it is missing", allowed: "\"little\", \"big\"") }
      return false
    case .some(let endian): throw file.invalid(key + ".configuration.endian", "\(endian.brief) is not a byte order", allowed: "\"little\", \"big\"")
    }
  }

  private func bytesCodec(_ name: String, _ codec: PythonValue, _ key: String) throws(ZarrError) -> BytesCodec {
    switch name {
    case "blosc": return .blosc
    case "gzip": return .gzip
    case "zstd": return .zstd
    case "crc32c": return .crc32c
    case "numcodecs.shuffle":
      return .shuffle(elementBytes: try file.elementBytes(codec["configuration"]?["elementsize"] ?? 4, key + ".configuration.elementsize"))
    default:
      let known = "bytes, sharding_indexed, transpose, blosc, zstd, gzip, crc32c, numcodecs.shuffle"
      throw file.unsupported("uses the codec '\(name)'", known: known)
    }
  }

  private func sharding(_ codec: PythonValue, _ key: String, shard: [Int]) throws(ZarrError) -> Sharding {
    let configuration = codec["configuration"] ?? [:]
    let inner = try file.axes(configuration["chunk_shape"], key + ".chunk_shape", rank: shard.count)
    guard zip(shard, inner).allSatisfy({ $0 % $1 == 0 }) else {
      throw file.invalid(key + ".chunk_shape", "\(inner) does not divide the shard's \(shard)")
    }
    guard let codecs = configuration["codecs"]?.list else { throw file.invalid(key + ".codecs", "it is missing or no list") }
    guard let indexCodecs = configuration["index_codecs"]?.list, let first = indexCodecs.first else {
      throw file.invalid(key + ".index_codecs", "it is missing or no list")
    }
    let isFirst: Bool
    switch configuration["index_location"] {
    case nil, .string("end"): isFirst = false
    case .string("start"): isFirst = true
    case .some(let place): throw file.invalid(key + ".index_location", "\(place.brief) is not a place", allowed: "\"start\", \"end\"")
    }
    guard try name(of: first, key + ".index_codecs[0]") == "bytes", indexCodecs.count <= ArrayLimits.codecs else {
      throw file.unsupported("has a shard index that is encoded by \(first.brief)", known: "bytes, then crc32c")
    }
    for checksum in indexCodecs.dropFirst() where try name(of: checksum, key + ".index_codecs") != "crc32c" {
      throw file.unsupported("has a shard index that is encoded by \(checksum.brief)", known: "bytes, then crc32c")
    }
    return Sharding(
      chunkShape: inner, encoding: try encoding(codecs, key + ".codecs", chunk: inner),
      isIndexBigEndian: try isBigEndian(first, key + ".index_codecs[0]", valueBytes: 8), indexChecksums: indexCodecs.count - 1,
      isIndexFirst: isFirst)
  }
}
