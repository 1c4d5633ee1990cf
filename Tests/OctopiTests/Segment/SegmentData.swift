import Foundation
import Octopi
import TestSupport

/// The segmentation vectors of the repository.
enum SegmentData {
  static let folder = TestData.root.appending(path: "vectors/segment")

  static func decode<T: Decodable>(_ type: T.Type, _ name: String) throws -> T {
    try JSONDecoder().decode(type, from: Data(contentsOf: folder.appending(path: name)))
  }

  /// A `.npy` file, version 1, row-major, of little-endian float32 or of bytes.
  static func array<T: BitwiseCopyable>(_ name: String, of type: T.Type) throws -> [T] {
    let bytes = try Data(contentsOf: folder.appending(path: name))
    let start = 10 + Int(bytes[8]) + Int(bytes[9]) << 8
    return bytes[start...].withUnsafeBytes { raw in
      (0..<raw.count / MemoryLayout<T>.size).map { raw.loadUnaligned(fromByteOffset: $0 * MemoryLayout<T>.size, as: T.self) }
    }
  }

  /// `input_20x23x27.npy` says its shape.
  static func volume(_ name: String) throws -> Volume<Float> {
    let sizes = name.split(separator: "_")[1].split(separator: ".")[0].split(separator: "x").compactMap { Int($0) }
    return Volume(shape: shape(sizes), voxels: try array(name, of: Float.self))
  }
}

/// A shape from its sizes along z, y, x.
func shape(_ sizes: [Int]) -> VolumeShape { VolumeShape(z: sizes[0], y: sizes[1], x: sizes[2]) }
func cube(_ size: Int) -> VolumeShape { VolumeShape(z: size, y: size, x: size) }
