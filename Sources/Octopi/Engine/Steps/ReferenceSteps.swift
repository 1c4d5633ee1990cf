import Graph
import Kernels

/// A constant or a value of the session becomes row-major floats.
struct FromHostStep: PlannedStep {
  let name: String
  let source: HostSource
  let output: BufferID
  let count: Int

  var reads: [BufferID] { [] }
  var writes: [BufferID] { [output] }
  var summary: StepSummary {
    StepSummary(name: name, kernel: "constant", shape: "\(count)", flops: 0, bytes: 4 * Double(count), isReference: false)
  }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let y = memory.plain(output), source = source, name = name
    return { (frame) throws(EngineError) in
      let tensor = try source.tensor(frame, nil, name)
      switch tensor.values {
      case .floats(let values): for i in values.indices { frame.arena[y + i] = values[i] }
      case .doubles(let values): for i in values.indices { frame.arena[y + i] = Float(values[i]) }
      case .integers: throw .unsupported(place: name, reason: "integers where floats are needed")
      }
    }
  }
}

extension HostSource {
  /// The tensor itself; floats are copied out of the arena, from `offset`.
  func tensor(_ frame: Frame, _ offset: Int?, _ name: String) throws(EngineError) -> Tensor {
    switch self {
    case .constant(let tensor): return tensor
    case .slot(let slot):
      guard let tensor = frame.host[slot] else { throw .invalid(place: name, reason: "an input was not computed") }
      return tensor
    case .floats(_, let type):
      let values = [Float](UnsafeBufferPointer(start: frame.arena + (offset ?? 0), count: type.count))
      return type.element == .float64 ? Tensor(type, .doubles(values.map(Double.init))) : Tensor(type, .floats(values))
    }
  }
}

/// A node without a kernel: its operator's plain loops.
struct ReferenceStep: PlannedStep {
  enum Output: Sendable {
    case floats(BufferID)
    case slot(Int)
    case unused
  }

  let name: String
  let operation: any Operator
  let inputs: [HostSource?]
  let outputs: [Output]
  let types: [TensorType]

  var reads: [BufferID] { inputs.compactMap { $0?.buffer } }
  var writes: [BufferID] { outputs.compactMap { if case .floats(let id) = $0 { id } else { nil } } }
  var summary: StepSummary {
    StepSummary(
      name: name, kernel: type(of: operation).declaration.name, shape: types.first.map { $0.shape.map(String.init).joined(separator: "x") } ?? "",
      flops: 0, bytes: 0, isReference: true)
  }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let offsets = inputs.map { $0?.buffer.map { memory.plain($0) } }
    let targets = outputs.map { if case .floats(let id) = $0 { memory.plain(id) } else { 0 } }
    return { [self] (frame) throws(EngineError) in
      var tensors: [Tensor?] = []
      for (source, offset) in zip(inputs, offsets) { tensors.append(try source?.tensor(frame, offset ?? nil, name)) }
      let results: [Tensor]
      do throws(GraphError) { results = try operation.evaluate(tensors) } catch { throw EngineError(error, in: name) }
      for (index, output) in outputs.enumerated() where index < results.count {
        switch output {
        case .unused: break
        case .slot(let slot): frame.host[slot] = results[index]
        case .floats:
          switch results[index].values {
          case .floats(let values): for i in values.indices { frame.arena[targets[index] + i] = values[i] }
          case .doubles(let values): for i in values.indices { frame.arena[targets[index] + i] = Float(values[i]) }
          case .integers: throw .invalid(place: name, reason: "integers where floats were promised")
          }
        }
      }
    }
  }
}

extension EngineError {
  /// An error of an operator, told with the name of its node.
  init(_ error: GraphError, in node: String) { self = .graph(node.isEmpty ? error : error.at(node)) }
}
