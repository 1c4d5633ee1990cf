import Foundation
import OctopiEngine

/// Where a network's file is, as the user typed it, and that it is the kind of file that can be read.
public enum ModelLocation {
  /// Models that Python octopi downloads by these names.
  static let downloadable = ["tomogram-boundary"]

  /// Looks at the first bytes of the file: a checkpoint of PyTorch has no network in it, whatever it is called.
  ///
  /// - configuration: the model's configuration, for the command that exports it.
  public static func check(_ path: String, configuration: String?) throws(ModelLocationError) {
    let folder = OutputPath(path).folder
    guard let isFile = try? InputFile.isFile(path), isFile else {
      if downloadable.contains(path) { throw .downloadable(path) }
      throw .missing(path, others: models(in: folder, but: path))
    }
    if isCheckpoint(path) {
      throw .checkpoint(path, configuration: configuration, converted: models(in: folder, but: path).first)
    }
  }

  /// By its name, or by its first bytes, which are those of a zip archive. A file that cannot be read is none: the importer says why.
  private static func isCheckpoint(_ path: String) -> Bool {
    let name = path.lowercased()
    if [".pth", ".pt", ".ckpt"].contains(where: { name.hasSuffix($0) }) { return true }
    guard let file = FileHandle(forReadingAtPath: path) else { return false }
    return (try? file.read(upToCount: 4)) == Data([0x50, 0x4B, 0x03, 0x04])
  }

  /// Whether two paths lead to the same file.
  public static func isSame(_ a: String, _ b: String) -> Bool { FileSystem.isSamePlace(a, b) }

  /// Whether a file is one that `octopi convert` writes: by its name, or by its first bytes.
  static func isConverted(_ path: String) throws(InputError) -> Bool {
    if path.lowercased().hasSuffix(".octopi") { return true }
    return try InputFile.start(of: path, count: ModelFileFormat.magic.count) == ModelFileFormat.magic
  }

  /// Networks in a folder, those of the name that was asked for first; a folder that cannot be read has none to offer.
  private static func models(in folder: String, but path: String) -> [String] {
    let names = ((try? InputFile.names(in: folder)) ?? []).filter { !$0.hasPrefix(".") && ($0.hasSuffix(".onnx") || $0.hasSuffix(".octopi")) }
    let asked = stem(OutputPath(path).name), sorted = names.filter { stem($0) == asked } + names.filter { stem($0) != asked }
    return sorted.map { folder == "." && !path.hasPrefix("./") ? $0 : OutputPath(folder).child($0) }.filter { $0 != path && !isCheckpoint($0) }
  }

  private static func stem(_ name: String) -> String { name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name }
}

/// Why a model's path leads to no network.
public enum ModelLocationError: Error, Sendable, Hashable {
  /// PyTorch's weights; `converted` is an ONNX file beside them.
  case checkpoint(String, configuration: String?, converted: String?)
  case downloadable(String)
  case missing(String, others: [String])
}

extension ModelLocationError: Failure {
  public var kind: FailureKind {
    switch self {
    case .checkpoint: .damaged
    case .downloadable: .unsupported
    case .missing: .missing
    }
  }

  public var message: String {
    switch self {
    case .checkpoint(let path, _, _): "'\(path)' holds weights of PyTorch, not a network in ONNX"
    case .downloadable(let name): "'\(name)' is a model that Python octopi downloads, and no file here"
    case .missing(let path, _): "no model '\(path)'"
    }
  }

  public var remedy: String? {
    switch self {
    case .checkpoint(let path, let configuration, let converted):
      let beside = converted.map { "the same folder holds '\($0)': try --model-weights \($0)\n" } ?? ""
      return beside + "export it once: " + exportCommand(weights: path, configuration: configuration)
    case .downloadable(let name):
      return "let Python octopi download it, then: " + exportCommand(weights: "\(name)/weights.pth", configuration: "\(name)/config.yaml")
    case .missing(_, let others):
      guard let first = others.first else { return "export it once: " + exportCommand(weights: "best_model.pth", configuration: nil) }
      return "there is '\(first)': try --model-weights \(first)"
    }
  }

  private func exportCommand(weights: String, configuration: String?) -> String {
    "python Scripts/export_onnx.py --model-config \(configuration ?? "best_model_config.yaml") --model-weights \(weights)"
  }
}
