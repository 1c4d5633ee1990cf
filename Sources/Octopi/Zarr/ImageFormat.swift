/// How an image of one level is laid out on disk: the metadata files and the encoding of its chunks.
struct ImageFormat: Sendable {
  /// 2: byte for byte what copick 1.31 writes, read by every copick. 3: OME-Zarr 0.5, read by copick 2.
  let version: ZarrVersion
  /// z, y, x, perhaps with channels before.
  let shape: [Int]
  let type: StoredType
  let spacing: VoxelSpacing
  /// What the group's attributes say besides.
  var attributes: [PythonValue.Member] = []

  /// Edge of a chunk along z, y, x, however large the image is; the rest of a chunk at the border is zero.
  let edge: Int

  /// That of copick's images.
  static func edge(_ version: ZarrVersion) -> Int {
    switch version {
    case .v2: 256
    case .v3: 128
    }
  }

  var chunkShape: [Int] { [Int](repeating: 1, count: shape.count - 3) + [edge, edge, edge] }

  /// Relative to the store.
  func chunkPath(_ index: [Int]) -> String { (["0"] + index.map(String.init)).joined(separator: "/") }

  /// The bytes of a chunk's file.
  func encode(_ values: [UInt8]) throws(CodecFailure) -> [UInt8] {
    switch version {
    case .v2: try Blosc.encode(values, typesize: type.bytes)
    case .v3: try Zstandard.encode(Shuffle.encode(values, elementBytes: shuffledBytes), level: 3)
    }
  }

  /// Files in front of the chunks.
  var head: [(path: String, json: PythonValue)] {
    switch version {
    case .v2: [(".zgroup", ["zarr_format": 2]), ("0/.zarray", arrayV2)]
    case .v3: [("0/zarr.json", arrayV3)]
    }
  }

  /// The file whose absence says that the rest is not complete.
  var tail: (path: String, json: PythonValue) {
    switch version {
    case .v2: (".zattrs", .object([.init("multiscales", [multiscale])] + attributes))
    case .v3:
      (
        "zarr.json",
        [
          "attributes": .object([.init("ome", ["version": "0.5", "multiscales": [multiscale]])] + attributes), "zarr_format": 3,
          "node_type": "group",
        ]
      )
    }
  }

  // MARK: Metadata

  /// Names in alphabetical order, as zarr-python 2 sorts them.
  private var arrayV2: PythonValue {
    [
      "chunks": integers(chunkShape),
      "compressor": ["blocksize": 0, "clevel": 5, "cname": "lz4", "id": "blosc", "shuffle": 1],
      "dimension_separator": "/",
      "dtype": .string(type.numpyCode),
      "fill_value": zero,
      "filters": nil,
      "order": "C",
      "shape": integers(shape),
      "zarr_format": 2,
    ]
  }

  private var arrayV3: PythonValue {
    var codecs: [PythonValue] = [type.bytes == 1 ? ["name": "bytes"] : ["name": "bytes", "configuration": ["endian": "little"]]]
    if shuffledBytes > 1 { codecs.append(["name": "numcodecs.shuffle", "configuration": ["elementsize": .int(shuffledBytes)]]) }
    codecs.append(["name": "zstd", "configuration": ["level": 3, "checksum": false]])
    return [
      "shape": integers(shape),
      "data_type": .string(type.rawValue),
      "chunk_grid": ["name": "regular", "configuration": ["chunk_shape": integers(chunkShape)]],
      "chunk_key_encoding": ["name": "v2", "configuration": ["separator": "/"]],
      "fill_value": zero,
      "codecs": .array(codecs),
      "attributes": [:],
      "dimension_names": .array(axisNames.map { .string($0) }),
      "zarr_format": 3,
      "node_type": "array",
      "storage_transformers": [],
    ]
  }

  /// copick 2 shuffles floats only.
  private var shuffledBytes: Int { type.isFloatingPoint ? type.bytes : 1 }
  private var zero: PythonValue { type.isFloatingPoint ? 0.0 : 0 }
  private var axisNames: [String] { shape.count == 4 ? ["c", "z", "y", "x"] : ["z", "y", "x"] }

  private var multiscale: PythonValue {
    let axes = axisNames.map { name -> PythonValue in
      name == "c" ? ["name": "c", "type": "channel"] : ["name": .string(name), "type": "space", "unit": "angstrom"]
    }
    let scale = axisNames.map { $0 == "c" ? PythonValue.float(1) : .float(spacing.angstrom) }
    let dataset: PythonValue = ["coordinateTransformations": [["scale": .array(scale), "type": "scale"]], "path": "0"]
    var members: [PythonValue.Member] = [.init("axes", .array(axes)), .init("datasets", [dataset])]
    if version == .v2 { members.append(.init("metadata", [:])) }
    members.append(.init("name", "/"))
    if version == .v2 { members.append(.init("version", "0.4")) }
    return .object(members)
  }

  private func integers(_ values: [Int]) -> PythonValue { .array(values.map { .int($0) }) }
}

/// Zarr's storage format.
public enum ZarrVersion: Int, Sendable, Hashable, CaseIterable { case v2 = 2, v3 = 3 }
