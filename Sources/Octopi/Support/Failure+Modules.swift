public import Graph
public import Kernels
public import OctopiEngine

extension GraphError: Failure {
  public var kind: FailureKind {
    switch self {
    case .invalid, .shape: .damaged
    case .unsupported: .unsupported
    }
  }
}

extension ISAError: Failure {
  public var kind: FailureKind { .usage }

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

extension EngineError: Failure {
  public var kind: FailureKind { if case .graph(let error) = self { error.kind } else { .damaged } }
}
