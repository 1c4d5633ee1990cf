import Foundation
import Testing
import TestSupport

@testable import Octopi

@Suite("Roots of a project")
struct ProjectRootTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: [
    ("local:///data/p", "/data/p"), ("/data/p", "/data/p"), ("file:///data/p/", "/data/p"), ("local://p", "p"), ("p", "p"), ("./p", "./p"), ("file:p", "p"),
    ("", "."), ("/", "/"), ("a/../b//c", "a/../b//c"), ("a%20b", "a%20b"), ("file://localhost/a", "localhost/a"), ("local://~/p", "\(FileSystem.homeFolder ?? "")/p"),
    ("~", FileSystem.homeFolder ?? ""), ("~x", "~x"),
  ])
  func folders(text: String, path: String) { #expect(ProjectRoot(key: "overlay_root", text).folder(in: nil) == path) }

  @Test(arguments: [("s3://b/c", "s3"), ("https://x/y", "https"), ("LOCAL://p", "LOCAL"), ("file://p", nil), ("/data/a://b", nil), ("p", nil), ("zip://a::s3://b", "zip")] as [(String, String?)])
  func schemes(text: String, scheme: String?) { #expect(ProjectRoot.remoteScheme(text) == scheme) }

  /// Makes a project in `c` with these roots; the current folder is `w`.
  func open(overlay: String, static staticRoot: String?, folders: [String]) throws -> Project {
    for name in folders + ["c", "w"] { try FileManager.default.createDirectory(atPath: folder.path(name), withIntermediateDirectories: true) }
    let root = staticRoot.map { ", \"static_root\": \"\($0)\"" } ?? ""
    try folder.write("{\"config_type\": \"filesystem\", \"pickable_objects\": [], \"overlay_root\": \"\(overlay)\"\(root)}", to: "c/config.json")
    return try Project(file: folder.path("c/config.json"), currentFolder: folder.path("w"))
  }

  @Test func relativeToTheCurrentFolder() throws {
    let project = try open(overlay: "local://overlay", static: "local://static", folders: ["w/static", "c/static", "c/overlay", "w/overlay"])
    #expect(project.staticFolder == folder.path("w/static") && project.overlay == folder.path("w/overlay"))
    #expect(project.warnings == [])
  }

  @Test func relativeToTheConfiguration() throws {
    let project = try open(overlay: "overlay", static: "static", folders: ["c/static"])
    #expect(project.staticFolder == folder.path("c/static") && project.overlay == folder.path("c/overlay"))
    #expect(project.warnings.map(\.message) == [
      "static_root 'static' is taken relative to the configuration: '\(folder.path("c/static"))'",
      "overlay_root 'overlay' is taken relative to the configuration: '\(folder.path("c/overlay"))'",
    ])
  }

  @Test func overlayOfTheCurrentFolderStays() throws {
    let project = try open(overlay: "overlay", static: "static", folders: ["c/static", "w/overlay"])
    #expect(project.overlay == folder.path("w/overlay"))
  }

  @Test func overlayNeedNotExist() throws {
    #expect(try open(overlay: "overlay", static: "static", folders: ["w/static"]).overlay == folder.path("w/overlay"))
  }

  @Test func sameFolderIsOverlay() throws {
    #expect(try open(overlay: "p", static: "local://./p/", folders: ["w/p"]).staticFolder == nil)
    #expect(try open(overlay: "p", static: nil, folders: ["w/p"]).staticFolder == nil)
  }

  @Test func emptyStaticRootIsTheCurrentFolder() throws {
    #expect(try open(overlay: "p", static: "", folders: ["w/p"]).staticFolder == folder.path("w"))
  }

  @Test func missingRoots() throws {
    let first = #expect(throws: CopickError.self) { try open(overlay: "overlay", static: "static", folders: ["w/overlay"]) }
    #expect(first?.kind == .missing)
    #expect(first?.message == "static_root '\(folder.path("w/static"))' does not exist")
    #expect(first?.remedy == "relative roots start at the current folder, here '\(folder.path("w"))'")
    let second = #expect(throws: CopickError.self) { try open(overlay: "nowhere", static: nil, folders: []) }
    #expect(second?.message == "overlay_root '\(folder.path("w/nowhere"))' does not exist")
    try folder.write("", to: "w/file")
    let third = #expect(throws: CopickError.self) { try open(overlay: "file", static: "overlay", folders: ["w/overlay"]) }
    #expect(third?.message == "overlay_root '\(folder.path("w/file"))' is not a folder")
  }

  /// Spacings that are no numbers, twins, links, runs that the configuration names.
  @Test func oddFolders() throws {
    for name in ["VoxelSpacing10", "VoxelSpacing10.000", "VoxelSpacing10.000.bak", "VoxelSpacing1e1", "VoxelSpacing-3", "VoxelSpacing7", "VoxelSpacing0"] {
      try folder.write("", to: "w/o/ExperimentRuns/r/\(name)/wbp.zarr/.zgroup")
    }
    try folder.write("", to: "w/o/ExperimentRuns/file")
    try FileManager.default.createSymbolicLink(atPath: folder.path("w/o/ExperimentRuns/link"), withDestinationPath: "r")
    try FileManager.default.createSymbolicLink(atPath: folder.path("w/o/ExperimentRuns/broken"), withDestinationPath: "nowhere")
    try FileManager.default.createSymbolicLink(atPath: folder.path("w/o/ExperimentRuns/loop"), withDestinationPath: "loop")
    let project = try open(overlay: "o", static: nil, folders: [])
    #expect(try project.runs().map(\.name) == ["link", "r"])
    let run = try project.runs(named: ["r"])[0]
    #expect(try run.voxelSpacings().entries.map(\.angstrom) == [7, 10])
    let tomograms = try run.tomograms()
    #expect(tomograms.entries.map(\.path) == [folder.path("w/o/ExperimentRuns/r/VoxelSpacing7/wbp.zarr"), folder.path("w/o/ExperimentRuns/r/VoxelSpacing10.000/wbp.zarr")])
    #expect(tomograms.warnings.count == 5)
    #expect(tomograms.warnings.contains { $0.message.contains("VoxelSpacing10' is skipped: it has the voxel spacing of") })
    try folder.write(#"{"overlay_root": "o", "pickable_objects": [], "runs": ["r"]}"#, to: "c/one.json")
    #expect(try Project(file: folder.path("c/one.json"), currentFolder: folder.path("w")).runs().map(\.name) == ["r"])
    try folder.write(#"{"overlay_root": "o", "pickable_objects": [], "runs": ["r", "s"]}"#, to: "c/two.json")
    #expect(throws: CopickError.noRun("s", runs: ["link", "r"])) { try Project(file: folder.path("c/two.json"), currentFolder: folder.path("w")).runs() }
  }
}
