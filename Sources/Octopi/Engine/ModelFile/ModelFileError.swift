import Graph

/// Why a `.octopi` file was not read.
public enum ModelFileError: Error, Sendable, Hashable {
  /// The file does not begin as one.
  case foreign(file: String)
  /// Written in a version of the format that this program does not read.
  case version(file: String, found: Int)
  /// Truncated, changed, or contradicting itself; `place` is a section or what stands in it.
  case damaged(file: String, place: String, reason: String)
  /// A network that this program cannot run, though the file is whole.
  case unsupported(file: String, place: String, reason: String)

  public var message: String {
    switch self {
    case .foreign(let file): "'\(file)' is not a .octopi file"
    case .version(let file, let found): "'\(file)' has version \(found) of the format, this program reads versions 1 to \(ModelFileFormat.version)"
    case .damaged(let file, let place, let reason): "'\(file)' is damaged: \(place): \(reason)"
    case .unsupported(let file, let place, let reason): "'\(file)' needs what this program does not have: \(place): \(reason)"
    }
  }

  public var remedy: String? {
    switch self {
    case .foreign: "give a file that 'octopi convert' wrote, or an ONNX model"
    case .version(_, let found) where found > ModelFileFormat.version: "use a newer octopi, or convert the ONNX file again with this one"
    case .version: "convert the ONNX file again: octopi convert MODEL.onnx -o MODEL.octopi"
    case .damaged: "copy the file again, or convert the ONNX file again: octopi convert MODEL.onnx -o MODEL.octopi"
    case .unsupported: "use a newer octopi, or convert the ONNX file again with this one"
    }
  }

  init(_ error: GraphError, file: String, place: String) {
    let joined = error.place.isEmpty ? place : "\(place): \(error.place)"
    if case .unsupported = error {
      self = .unsupported(file: file, place: joined, reason: error.reason)
    } else {
      self = .damaged(file: file, place: joined, reason: error.reason)
    }
  }
}
