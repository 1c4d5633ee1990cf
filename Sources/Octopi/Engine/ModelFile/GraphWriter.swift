import Graph

/// Writes graphs; constants of all of them go into one table of tensors.
struct GraphWriter {
  let file: String
  private(set) var tensors = TensorTable()

  init(file: String) { self.file = file }

  /// The bytes of a graph.
  mutating func bytes(of graph: Graph) throws(ModelFileError) -> [UInt8] {
    var writer = ByteWriter()
    try write(graph, to: &writer)
    return writer.bytes
  }

  private mutating func write(_ graph: Graph, to writer: inout ByteWriter) throws(ModelFileError) {
    write(graph.origin, to: &writer)
    let layouts = graph.weightLayouts
    writer.count(graph.values.count)
    for (index, value) in graph.values.enumerated() {
      writer.text(value.name)
      let isInput = graph.inputs.contains { $0.index == index }, type = isInput ? value.type : nil
      writer.declaration(value.declared)
      writer.integer(UInt8((type == nil ? 0 : 1) | (value.isConstant ? 2 : 0)))
      if let type { writer.type(type) }
      if let constant = value.constant { writer.integer(tensors.add(constant, layouts[index] ?? .rowMajor)) }
    }
    writer.count(graph.nodes.count)
    for node in graph.nodes { try write(node, to: &writer) }
    for ids in [graph.inputs, graph.outputs] { writer.ids(ids) }
  }

  private func write(_ origin: Graph.Origin, to writer: inout ByteWriter) {
    writer.text(origin.producer)
    writer.integer(Int64(origin.irVersion))
    writer.count(origin.opsets.count)
    for (domain, version) in origin.opsets.sorted(by: { $0.key < $1.key }) {
      writer.text(domain)
      writer.integer(Int64(version))
    }
    writer.count(origin.metadata.count)
    for (key, value) in origin.metadata.sorted(by: { $0.key < $1.key }) {
      writer.text(key)
      writer.text(value)
    }
  }

  private mutating func write(_ node: Node, to writer: inout ByteWriter) throws(ModelFileError) {
    let (declaration, opset) = node.operation.declared, definition = node.operation.definition
    writer.text(node.name)
    writer.text(node.layer)
    writer.text(declaration.domain)
    writer.text(declaration.name)
    writer.integer(UInt32(opset))
    writer.ids(node.inputs)
    writer.ids(node.outputs)
    writer.count(definition.outputCount ?? node.outputs.count)
    writer.count(definition.attributes.count)
    for (name, attribute) in definition.attributes.sorted(by: { $0.key < $1.key }) {
      writer.text(name)
      try write(attribute, to: &writer)
    }
  }

  private mutating func write(_ attribute: Attribute, to writer: inout ByteWriter) throws(ModelFileError) {
    writer.integer(attribute.code)
    switch attribute {
    case .float(let value): writer.float(value)
    case .int(let value): writer.integer(value)
    case .string(let text): writer.text(text)
    case .tensor(let tensor): writer.integer(tensors.add(tensor, .rowMajor))
    case .floats(let values): writer.numbers(values)
    case .ints(let values): writer.numbers(values)
    case .strings(let texts): try writer.list(texts) { $0.text($1) }
    case .graph(let graph): try write(graph, to: &writer)
    }
  }
}

extension Attribute {
  /// ONNX's `AttributeProto.AttributeType`.
  var code: UInt8 {
    switch self {
    case .float: 1
    case .int: 2
    case .string: 3
    case .tensor: 4
    case .graph: 5
    case .floats: 6
    case .ints: 7
    case .strings: 8
    }
  }
}

extension ByteWriter {
  /// Numbers of values; all ones for one that is absent.
  mutating func ids(_ ids: [ValueID?]) { numbers(ids.map { $0.map { UInt32($0.index) } ?? .max }) }

  /// What a file declares of a value: 0 for nothing, else the element type, whether there is a shape, and its dimensions.
  mutating func declaration(_ declared: (element: ElementType, shape: [Dimension]?)?) {
    integer(UInt8(declared?.element.rawValue ?? 0))
    guard let declared else { return }
    integer(UInt8(declared.shape == nil ? 0 : 1))
    guard let shape = declared.shape else { return }
    count(shape.count)
    for dimension in shape {
      switch dimension {
      case .known(let length):
        integer(UInt8(0))
        integer(Int64(length))
      case .named(let name):
        integer(UInt8(1))
        text(name)
      case .unknown: integer(UInt8(2))
      }
    }
  }

  mutating func type(_ type: TensorType) {
    integer(UInt8(type.element.rawValue))
    numbers(type.shape.map { Int64($0) })
  }
}

extension Graph {
  /// By value: the layout of those that all their readers take in one kind of blocks.
  var weightLayouts: [Int: TensorLayout] {
    var layouts: [Int: TensorLayout] = [:]
    for node in nodes {
      for (index, id) in node.inputs.enumerated() {
        guard let id else { continue }
        let layout = node.operation.layout(ofInput: index)
        if let other = layouts[id.index], other != layout { layouts[id.index] = .rowMajor } else { layouts[id.index] = layout }
      }
    }
    for id in outputs { layouts[id.index] = .rowMajor }
    return layouts.filter { index, layout in
      guard layout != .rowMajor, values[index].isConstant, let type = values[index].type else { return false }
      return layout.fits(type)
    }
  }
}

extension Operator {
  /// In which layout the kernels take a constant input, if its type allows it.
  fileprivate func layout(ofInput index: Int) -> TensorLayout {
    switch self {
    case let convolution as Conv where index == 1 && convolution.groups == 1: .convolution
    case let convolution as ConvTranspose where index == 1 && convolution.groups == 1: .transposedConvolution
    case is MatMul where index == 1: .matrices
    case let gemm as Gemm where index == 1 && gemm.alpha == 1: gemm.transposesB ? .transposedMatrices : .matrices
    // What is added to scores `[queries, tokens]`: kernels have queries in their lanes.
    case is StridedAttention where index == 3 || index == 4: .transposedMatrices
    default: .rowMajor
    }
  }
}

/// Tensors, each of equal ones once, in the order in which they came.
struct TensorTable {
  private(set) var entries: [(tensor: Tensor, layout: TensorLayout)] = []
  private var indices: [Key: UInt32] = [:]

  private struct Key: Hashable {
    let constant: ConstantKey
    let layout: TensorLayout
  }

  /// The number of a tensor.
  mutating func add(_ tensor: Tensor, _ layout: TensorLayout) -> UInt32 {
    let key = Key(constant: ConstantKey(tensor: tensor), layout: layout)
    if let index = indices[key] { return index }
    indices[key] = UInt32(entries.count)
    entries.append((tensor, layout))
    return UInt32(entries.count - 1)
  }

  /// What tells the tensors' layouts, types and places.
  var directory: [UInt8] {
    var writer = ByteWriter(), offset = 0
    writer.count(entries.count)
    for (tensor, layout) in entries {
      writer.integer(layout.code)
      writer.type(tensor.type)
      writer.size(offset)
      offset += Self.room(tensor, layout)
    }
    return writer.bytes
  }

  /// The numbers, a part a tensor, and zeros behind the last.
  var numbers: EncodedModelFile.Section {
    var parts = entries.map { entry -> @Sendable () -> [UInt8] in
      {
        var writer = ByteWriter()
        writer.tensor(entry.tensor, entry.layout)
        return writer.bytes
      }
    }
    parts.append { [UInt8](repeating: 0, count: ModelFileFormat.tailBytes) }
    let count = entries.reduce(ModelFileFormat.tailBytes) { $0 + Self.room($1.tensor, $1.layout) }
    return EncodedModelFile.Section(.numbers, count: count, parts: parts)
  }

  /// Bytes from the start of a tensor to that of the next.
  private static func room(_ tensor: Tensor, _ layout: TensorLayout) -> Int { (layout.byteCount(tensor.type) + 63) / 64 * 64 }
}
