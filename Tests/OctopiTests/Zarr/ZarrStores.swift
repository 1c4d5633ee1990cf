import Foundation
import TestSupport

/// Stores that tests make.
extension TemporaryFolder {
  func write(_ bytes: [UInt8], to name: String) throws {
    let url = URL(filePath: path(name))
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
  }

  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path(name)) }

  func link(_ file: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: path + "/" + file, withDestinationPath: target)
  }

  /// An uncompressed array of one chunk a plane, whose value at place i is i.
  func array(
    _ folder: String, shape: [Int] = [2, 3, 4], dtype: String = "|u1", separator: String = "/", declared: Bool = true, version: Int = 2
  ) throws {
    let chunk = [Int](repeating: 1, count: shape.count - 2) + shape.suffix(2)
    switch version {
    case 2:
      let declaration = declared ? #", "dimension_separator": "\#(separator)""# : ""
      try write(
        """
        {"zarr_format": 2, "shape": \(shape), "chunks": \(chunk), "dtype": "\(dtype)", "compressor": null, "filters": null,
         "fill_value": 0, "order": "C"\(declaration)}
        """, to: folder + "/.zarray")
    default:
      try write(
        """
        {"zarr_format": 3, "node_type": "array", "shape": \(shape), "data_type": "uint8", "fill_value": 0, "codecs": [{"name": "bytes"}],
         "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": \(chunk)}},
         "chunk_key_encoding": {"name": "v2", "configuration": {"separator": "/"}}}
        """, to: folder + "/zarr.json")
    }
    let planes = shape.dropLast(2).reduce(1, *), plane = shape.suffix(2).reduce(1, *)
    for number in 0..<planes {
      var index = [0, 0], rest = number
      for size in shape.dropLast(2).reversed() {
        index.insert(rest % size, at: 0)
        rest /= size
      }
      let values = (0..<plane).map { number * plane + $0 + (version == 3 ? 100 : 0) }
      let bytes = values.flatMap { value -> [UInt8] in
        switch dtype {
        case "<u2": [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
        case ">u2": [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)]
        default: [UInt8(truncatingIfNeeded: value)]
        }
      }
      try write(bytes, to: folder + "/" + index.map(String.init).joined(separator: separator))
    }
  }
}

/// Attributes of an image as copick writes them: members of a JSON object.
func imageAttributes(
  path: String = "0", scale: [Double] = [10, 10, 10], axes: [String] = ["z", "y", "x"], unit: String = #""unit": "angstrom""#
) -> String {
  let names = axes.map { #"{"name": "\#($0)", "type": "space"\#(unit.isEmpty ? "" : ", " + unit)}"# }.joined(separator: ", ")
  return """
    "multiscales": [{"axes": [\(names)], "datasets": [{"path": "\(path)",
     "coordinateTransformations": [{"type": "scale", "scale": \(scale)}]}], "version": "0.4"}]
    """
}
