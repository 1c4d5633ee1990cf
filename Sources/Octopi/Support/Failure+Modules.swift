public import Graph
public import Kernels
public import ONNXImport
public import OctopiEngine

extension GraphError: Failure {
  public var kind: FailureKind {
    switch self {
    case .invalid, .shape: .damaged
    case .unsupported: .unsupported
    }
  }
}

extension ImportError: Failure {
  public var kind: FailureKind {
    switch self {
    case .missing: .missing
    case .unreadable: .inputOutput
    case .damaged: .damaged
    case .unsupported: .unsupported
    }
  }
}

extension ISAError: Failure {
  /// An instruction set that exists but not here is not supported; anything else is a slip of the keyboard.
  public var kind: FailureKind {
    switch self {
    case .unavailable(let name, _): ISA(rawValue: name.lowercased()) == nil ? .usage : .unsupported
    }
  }

  public var message: String {
    switch self {
    case .unavailable(let name, _): "OCTOPI_ISA is '\(name)', which this machine does not have"
    }
  }

  public var remedy: String? {
    switch self {
    case .unavailable(_, let available): "it has: \(available.joined(separator: ", "))"
    }
  }
}

extension ModelFileError: Failure {
  public var kind: FailureKind {
    switch self {
    case .foreign, .damaged: .damaged
    case .version, .unsupported: .unsupported
    }
  }
}

extension EngineError: Failure {
  public var kind: FailureKind { if case .graph(let error) = self { error.kind } else { .damaged } }
}
