import Testing
import Graph
import TestSupport

/// One operator with its attributes, made and run as a graph of a single node would.
struct SingleNode {
  let operation: any Operator

  /// `opset` is the model's; the declaration chooses the definition that applies.
  init(_ name: String, opset: Int, inputs: Int, outputs: Int = 1, _ attributes: [String: Attribute] = [:]) throws {
    let declaration = try #require(Operators.all.first { $0.name == name && $0.domain == "" }, "\(name) is not declared")
    let definition = try #require(declaration.opsets.last { $0 <= opset }, "\(name) does not exist at opset \(opset)")
    let reader = AttributeReader(node: "node", opset: definition, inputCount: inputs, outputCount: outputs, attributes: attributes)
    operation = try declaration.make(reader)
    #expect(reader.unknown.isEmpty, "attributes that \(name) does not know")
  }

  /// Infers types, evaluates, and checks that both agree.
  func callAsFunction(_ inputs: Tensor?...) throws -> [Tensor] {
    let types = try operation.outputs(of: inputs.map { $0.map { Operand($0) } })
    let results = try operation.evaluate(inputs)
    #expect(results.map(\.type) == types)
    return results
  }
}

extension Tensor {
  /// A `float32` tensor of numbers in row-major order.
  static func float(_ shape: [Int], _ values: [Float]) -> Tensor { Tensor(TensorType(.float32, shape), .floats(values)) }

  static func double(_ shape: [Int], _ values: [Double]) -> Tensor { Tensor(TensorType(.float64, shape), .doubles(values)) }

  static func int64(_ shape: [Int], _ values: [Int64]) -> Tensor { Tensor(TensorType(.int64, shape), .integers(values)) }

  /// A vector of `int64`.
  static func vector(_ values: Int64...) -> Tensor { int64([values.count], values) }

  /// A `float32` tensor of multiples of 1/64 in -2..<2, so that products and short sums are exact in double precision.
  static func random(_ shape: [Int], seed: UInt64) -> Tensor {
    var random = SplitMix64(seed: seed)
    return float(shape, (0..<shape.reduce(1, *)).map { _ in Float(Int(random.next() & 255) - 128) / 64 })
  }
}

/// Calls `body` with every index of `shape` in row-major order.
func withEachIndex(of shape: [Int], _ body: ([Int]) -> Void) {
  guard !shape.contains(0) else { return }
  var index = [Int](repeating: 0, count: shape.count)
  while true {
    body(index)
    var axis = shape.count - 1
    while axis >= 0 {
      index[axis] += 1
      if index[axis] < shape[axis] { break }
      index[axis] = 0
      axis -= 1
    }
    if axis < 0 { return }
  }
}

/// Position of `index` in row-major order, or nil outside `shape`.
func flat(_ index: [Int], in shape: [Int]) -> Int? {
  var position = 0
  for (i, n) in zip(index, shape) {
    guard (0..<n).contains(i) else { return nil }
    position = position * n + i
  }
  return position
}
