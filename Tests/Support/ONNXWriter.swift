/// Writes protobuf fields; the test's own encoder, so that what reads models is not tested with itself.
public struct ProtobufWriter: Sendable {
  public private(set) var bytes: [UInt8] = []

  public init() {}

  public mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  public mutating func int(_ field: Int, _ value: Int64) {
    varint(UInt64(field << 3))
    varint(UInt64(bitPattern: value))
  }

  public mutating func float(_ field: Int, _ value: Float) {
    varint(UInt64(field << 3 | 5))
    bytes += littleEndianBytes([value])
  }

  public mutating func bytes(_ field: Int, _ value: [UInt8]) {
    varint(UInt64(field << 3 | 2))
    varint(UInt64(value.count))
    bytes += value
  }

  public mutating func string(_ field: Int, _ value: String) { bytes(field, Array(value.utf8)) }

  public mutating func message(_ field: Int, _ body: (inout ProtobufWriter) -> Void) {
    var inner = ProtobufWriter()
    body(&inner)
    bytes(field, inner.bytes)
  }
}

/// The bytes of numbers as ONNX's raw data holds them.
public func littleEndianBytes<T: BitwiseCopyable>(_ values: [T]) -> [UInt8] { values.withUnsafeBytes { Array($0) } }

/// A tensor of a model to be written: one storage form per case.
public struct ONNXTensor: Sendable {
  public enum Storage: Sendable {
    case raw([UInt8])
    case floats([Float])
    case int32s([Int32])
    case int64s([Int64])
    case doubles([Double])
    case uint64s([UInt64])
    case external([(key: String, value: String)])
  }

  public var name: String
  public var type: Int
  public var dims: [Int64]
  public var storage: Storage

  public init(_ name: String = "", type: Int, dims: [Int64], _ storage: Storage) {
    (self.name, self.type, self.dims, self.storage) = (name, type, dims, storage)
  }

  public static func floats(_ name: String = "", _ dims: [Int], _ values: [Float]) -> ONNXTensor {
    ONNXTensor(name, type: 1, dims: dims.map { Int64($0) }, .raw(littleEndianBytes(values)))
  }

  public static func ints(_ name: String = "", _ values: [Int64]) -> ONNXTensor {
    ONNXTensor(name, type: 7, dims: [Int64(values.count)], .raw(littleEndianBytes(values)))
  }

  public func write(to writer: inout ProtobufWriter) {
    for dim in dims { writer.int(1, dim) }
    writer.int(2, Int64(type))
    if !name.isEmpty { writer.string(8, name) }
    switch storage {
    case .raw(let bytes): writer.bytes(9, bytes)
    case .floats(let values): writer.bytes(4, littleEndianBytes(values))
    case .int32s(let values): for value in values { writer.int(5, Int64(value)) }
    case .int64s(let values): for value in values { writer.int(7, value) }
    case .doubles(let values): writer.bytes(10, littleEndianBytes(values))
    case .uint64s(let values): for value in values { writer.int(11, Int64(bitPattern: value)) }
    case .external(let entries):
      for entry in entries {
        writer.message(13) {
          $0.string(1, entry.key)
          $0.string(2, entry.value)
        }
      }
      writer.int(14, 1)
    }
  }
}

public enum ONNXAttribute: Sendable {
  case float(Float)
  case int(Int64)
  case string(String)
  case tensor(ONNXTensor)
  case graph(ONNXGraph)
  case floats([Float])
  case ints([Int64])
  /// An attribute of the function around the node.
  case reference(String, type: Int64)

  public func write(_ name: String, to writer: inout ProtobufWriter) {
    writer.string(1, name)
    switch self {
    case .float(let value): writer.float(2, value); writer.int(20, 1)
    case .int(let value): writer.int(3, value); writer.int(20, 2)
    case .string(let value): writer.string(4, value); writer.int(20, 3)
    case .tensor(let value): writer.message(5) { value.write(to: &$0) }; writer.int(20, 4)
    case .graph(let value): writer.message(6) { value.write(to: &$0) }; writer.int(20, 5)
    case .floats(let values): for value in values { writer.float(7, value) }; writer.int(20, 6)
    case .ints(let values): for value in values { writer.int(8, value) }; writer.int(20, 7)
    case .reference(let outer, let type): writer.string(21, outer); writer.int(20, type)
    }
  }
}

public struct ONNXNode: Sendable {
  public var operation: String
  public var inputs: [String]
  public var outputs: [String]
  public var attributes: [(name: String, value: ONNXAttribute)]
  public var name: String
  public var domain: String

  public init(
    _ operation: String, _ inputs: [String], _ outputs: [String], _ attributes: KeyValuePairs<String, ONNXAttribute> = [:], name: String = "",
    domain: String = ""
  ) {
    (self.operation, self.inputs, self.outputs, self.name, self.domain) = (operation, inputs, outputs, name, domain)
    self.attributes = attributes.map { ($0.key, $0.value) }
  }

  public func write(to writer: inout ProtobufWriter) {
    for input in inputs { writer.string(1, input) }
    for output in outputs { writer.string(2, output) }
    if !name.isEmpty { writer.string(3, name) }
    writer.string(4, operation)
    for attribute in attributes { writer.message(5) { attribute.value.write(attribute.name, to: &$0) } }
    if !domain.isEmpty { writer.string(7, domain) }
  }
}

/// An input or output: a dimension is a number, a name, or nil for unknown; no shape at all leaves out the rank.
public struct ONNXValue: Sendable {
  public enum Dim: Sendable, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByNilLiteral {
    case value(Int64)
    case name(String)
    case unknown
    public init(integerLiteral value: Int64) { self = .value(value) }
    public init(stringLiteral value: String) { self = .name(value) }
    public init(nilLiteral: ()) { self = .unknown }
  }

  public var name: String
  public var type: Int
  public var shape: [Dim]?

  public init(_ name: String, _ shape: [Dim]?, type: Int = 1) { (self.name, self.shape, self.type) = (name, shape, type) }

  public func write(to writer: inout ProtobufWriter) {
    writer.string(1, name)
    writer.message(2) { message in
      message.message(1) { tensor in
        tensor.int(1, Int64(type))
        guard let shape else { return }
        tensor.message(2) { dims in
          for dim in shape {
            dims.message(1) {
              switch dim {
              case .value(let value): $0.int(1, value)
              case .name(let name): $0.string(2, name)
              case .unknown: break
              }
            }
          }
        }
      }
    }
  }
}

public struct ONNXGraph: Sendable {
  public var nodes: [ONNXNode]
  public var inputs: [ONNXValue]
  public var outputs: [ONNXValue]
  public var initialisers: [ONNXTensor]

  public init(_ nodes: [ONNXNode], inputs: [ONNXValue] = [], outputs: [ONNXValue], initialisers: [ONNXTensor] = []) {
    (self.nodes, self.inputs, self.outputs, self.initialisers) = (nodes, inputs, outputs, initialisers)
  }

  public func write(to writer: inout ProtobufWriter) {
    for node in nodes { writer.message(1) { node.write(to: &$0) } }
    writer.string(2, "graph")
    for tensor in initialisers { writer.message(5) { tensor.write(to: &$0) } }
    for value in inputs { writer.message(11) { value.write(to: &$0) } }
    for value in outputs { writer.message(12) { value.write(to: &$0) } }
  }
}

public struct ONNXFunction: Sendable {
  public var name: String
  public var domain: String
  public var inputs: [String]
  public var outputs: [String]
  public var attributes: [String]
  public var nodes: [ONNXNode]

  public init(_ name: String, domain: String, inputs: [String], outputs: [String], attributes: [String] = [], _ nodes: [ONNXNode]) {
    (self.name, self.domain, self.inputs, self.outputs, self.attributes, self.nodes) = (name, domain, inputs, outputs, attributes, nodes)
  }

  public func write(to writer: inout ProtobufWriter) {
    writer.string(1, name)
    for input in inputs { writer.string(4, input) }
    for output in outputs { writer.string(5, output) }
    for attribute in attributes { writer.string(6, attribute) }
    for node in nodes { writer.message(7) { node.write(to: &$0) } }
    writer.string(10, domain)
    writer.message(9) {
      $0.string(1, "")
      $0.int(2, 17)
    }
    writer.message(9) {
      $0.string(1, domain)
      $0.int(2, 1)
    }
  }
}

/// A whole model file.
public struct ONNXModel: Sendable {
  public var graph: ONNXGraph
  public var opsets: [(domain: String, version: Int64)]
  public var functions: [ONNXFunction]

  public init(_ graph: ONNXGraph, opset: Int64 = 17, domains: [String] = [], functions: [ONNXFunction] = []) {
    self.graph = graph
    self.functions = functions
    opsets = [("", opset)] + domains.map { ($0, 1) }
  }

  public var bytes: [UInt8] {
    var writer = ProtobufWriter()
    writer.int(1, 8)
    writer.string(2, "octopi tests")
    for opset in opsets {
      writer.message(8) {
        $0.string(1, opset.domain)
        $0.int(2, opset.version)
      }
    }
    writer.message(7) { graph.write(to: &$0) }
    for function in functions { writer.message(25) { function.write(to: &$0) } }
    return writer.bytes
  }
}
