import Foundation
import Kernels
import TestSupport

@testable import Octopi

/// The demo with what octopi 1.7.0 made of it.
enum PreviewDemo {
  static let example = TestData.root.deletingLastPathComponent().deletingLastPathComponent().appending(path: "Examples/demo")

  /// A folder with the project and octopi's labels and picks; its roots are relative to it.
  static func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let json = try String(contentsOf: example.appending(path: "config.json"), encoding: .utf8)
    let overlay = TestData.root.appending(path: "demo/overlay").path, roots = example.appending(path: "static").path
    try folder.write(
      json.replacingOccurrences(of: "local://static", with: "local://" + roots).replacingOccurrences(of: "local://overlay", with: "local://" + overlay),
      to: "config.json")
    return folder
  }

  static func request(_ folder: TemporaryFolder) throws -> PreviewRequest {
    var request = PreviewRequest(configuration: folder.path("config.json"), tomogram: try TomogramURI("wbp@10"))
    request.picks = PicksOwner(user: "octopi", session: "1")
    request.truth = PicksOwner(user: "data-portal", session: "0")
    request.segmentation = try SegmentationTarget("predict:unet/1")
    return request
  }

  static func scene(on pool: ThreadPool, _ change: (inout PreviewRequest) -> Void = { _ in }) throws -> PreviewScene {
    let folder = try folder()
    var request = try request(folder)
    change(&request)
    return try PreviewScene(PreviewProject(request, on: pool).preview, on: pool)
  }
}
