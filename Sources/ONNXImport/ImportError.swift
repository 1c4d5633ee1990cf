import Graph

/// Why a model file was not read. `message` is one line for a person; `remedy` says what to do.
public enum ImportError: Error, Sendable, Hashable {
  /// The file, or the file with its external data, is not there.
  case missing(file: String)
  /// The system refused to read it.
  case unreadable(file: String, reason: String)
  /// Not ONNX, truncated, or contradicting itself; `place` is a node, a tensor or a byte range, and may be empty.
  case damaged(file: String, place: String, reason: String)
  /// Legal ONNX that needs what this program does not have: everything that is missing, at once.
  case unsupported(file: String, needs: [String])

  public var message: String {
    switch self {
    case .missing(let file): "'\(file)' does not exist"
    case .unreadable(let file, let reason): "'\(file)' cannot be read: \(reason)"
    case .damaged(let file, let place, let reason): "'\(file)' is not a valid ONNX model: \(place.isEmpty ? "" : place + ": ")\(reason)"
    case .unsupported(let file, let needs): "'\(file)' needs what this program does not have: \(needs.joined(separator: "; "))"
    }
  }

  public var remedy: String? {
    switch self {
    case .missing: "check the path; a model with external data needs that file in the same folder"
    case .unreadable: "check the permissions of the file"
    case .damaged: "copy or export the model again; onnx.checker.check_model says more"
    case .unsupported: "Docs/Operators.md lists what is supported; export with opset 20 and standard operators"
    }
  }

  init(_ error: GraphError, file: String) {
    switch error {
    case .unsupported: self = .unsupported(file: file, needs: [error.message])
    case .invalid(let place, let reason), .shape(let place, let reason): self = .damaged(file: file, place: place, reason: reason)
    }
  }
}
