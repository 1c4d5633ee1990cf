import TestSupport
import Testing

/// Projects on other machines are refused by every command that reads projects, with the command that copies them here.
@Suite("remote projects", .tags(.command))
struct RemoteProjectTests {
  private static let commands = [
    "segment -mw model.onnx -mc model.yaml", "localize", "pick --model model.onnx --model-config model.yaml", "evaluate -gtuid a",
    "preview --picks octopi/1 -o out", "export -o out", "export --seg-uri predict -o out", "extract seg -n ribosome",
  ]
  private static let roots = ["s3://bucket/project", "ssh:///home/me/project", "smb://host/share", "gs://bucket/project", "https://host/project"]

  @Test(arguments: commands)
  func sayHowToCopyThem(command: String) async throws {
    let project = try TinyProject(), folder = project.folder, text = try folder.text("config.json"), words = command.split(separator: " ").map(String.init)
    for (number, root) in Self.roots.enumerated() {
      let key = number % 2 == 0 ? "static_root" : "overlay_root", name = key == "static_root" ? "static" : "overlay"
      try folder.write(text.replacing("\"\(key)\": \"\(name)\"", with: "\"\(key)\": \"\(root)\""), to: "config.json")
      let before = folder.tree(), outcome = try await Program.run(words + ["-c", "config.json"], in: folder)
      #expect(outcome.code == 69)
      #expect(outcome.errors.hasPrefix("octopi: \(key) '\(root)': only local folders are supported\n        copy it here: copick sync tomograms -c config.json "))
      #expect(folder.tree() == before)
    }
    try folder.write(text.replacing("filesystem", with: "cryoet_data_portal"), to: "config.json")
    let portal = try await Program.run(words + ["-c", "config.json"], in: folder)
    #expect(portal.code == 69)
    #expect(portal.errors.hasPrefix("octopi: 'config.json': config_type 'cryoet_data_portal' needs the network\n        copy it here: copick sync"))
  }
}
