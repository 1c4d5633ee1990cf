import Foundation
import TestSupport

@testable import Octopi

/// Label volumes as tests compare them.
enum LabelFiles {
  /// The labels of a store, row-major.
  static func labels(_ path: String) throws -> Volume<UInt8> {
    let image = try ImageGroup(path, .segmentation)
    guard case .uint8(let volume) = try image.labels() else { throw CocoaError(.fileReadCorruptFile) }
    return volume
  }

  /// Voxels that differ; nil where the shapes do.
  static func differences(_ a: Volume<UInt8>, _ b: Volume<UInt8>) -> Int? {
    guard a.shape == b.shape else { return nil }
    return zip(a.voxels, b.voxels).count { $0 != $1 }
  }

  /// The bytes of `NAME.npy.gz` behind NumPy's header: labels of one byte, row-major.
  static func npy(_ url: URL) throws -> [UInt8] {
    let bytes = try Deflate.decode([UInt8](Data(contentsOf: url)), .gzip, size: .atMost(1 << 26))
    return Array(bytes.dropFirst(10 + Int(bytes[8]) + Int(bytes[9]) << 8))
  }
}
