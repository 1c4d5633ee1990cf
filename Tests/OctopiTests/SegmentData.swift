import Foundation
import Octopi

/// Where the segmentation vectors lie in the repository.
enum SegmentData {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "Data/vectors/segment")

  static func decode<T: Decodable>(_ type: T.Type, _ name: String) throws -> T {
    try JSONDecoder().decode(type, from: Data(contentsOf: folder.appending(path: name)))
  }
}

extension VolumeShape {
  init(sizes: [Int]) { self.init(z: sizes[0], y: sizes[1], x: sizes[2]) }
}
