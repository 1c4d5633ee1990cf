import COnnxProto
import CProtobufC

// The only file that touches libprotobuf-c: what leaves it are Swift values.

/// What protoc-c generates for a message: `onnx__..._proto__unpack`.
private typealias Unpack<T> = (UnsafeMutablePointer<ProtobufCAllocator>?, Int, UnsafePointer<UInt8>?) -> UnsafeMutablePointer<T>?

/// A parsed message and all that hangs below it, freed with its last view.
final class MessageOwner {
  private let pointer: UnsafeMutablePointer<ProtobufCMessage>
  private let budget: MemoryBudget

  /// Parses `bytes`; nil when they are no such message or would take more memory than a file of this size can justify.
  fileprivate init?<T>(_ unpack: Unpack<T>, _ bytes: UnsafeBufferPointer<UInt8>) {
    budget = MemoryBudget(fileBytes: bytes.count)
    var allocator = budget.allocator
    guard let message = unpack(&allocator, bytes.count, bytes.baseAddress) else { return nil }
    pointer = UnsafeMutableRawPointer(message).assumingMemoryBound(to: ProtobufCMessage.self)
  }

  deinit {
    var allocator = budget.allocator
    protobuf_c_message_free_unpacked(pointer, &allocator)
  }

  /// Frees a part of the message, to which nothing in it leads any more.
  fileprivate func free(_ part: UnsafeMutableRawPointer?) { part?.deallocate() }

  fileprivate func root<T>(as type: T.Type) -> UnsafeMutablePointer<T> { UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: T.self) }
}

/// Counts what libprotobuf-c allocates, so that a small file of empty messages cannot take gigabytes.
private final class MemoryBudget {
  private var left: Int

  init(fileBytes: Int) {
    let (scaled, overflow) = fileBytes.multipliedReportingOverflow(by: 16)
    left = (overflow ? .max / 2 : scaled) + 1 << 24
  }

  private func take(_ bytes: Int) -> UnsafeMutableRawPointer? {
    guard bytes >= 0, bytes <= left else { return nil }
    left -= bytes
    return UnsafeMutableRawPointer.allocate(byteCount: max(bytes, 1), alignment: 16)
  }

  /// Valid as long as this object lives.
  var allocator: ProtobufCAllocator {
    ProtobufCAllocator(
      alloc: { data, bytes in
        guard let data else { return nil }
        return Unmanaged<MemoryBudget>.fromOpaque(data).takeUnretainedValue().take(bytes)
      },
      free: { _, pointer in pointer?.deallocate() },
      allocator_data: Unmanaged.passUnretained(self).toOpaque())
  }
}

/// A view of one message; the owner keeps its memory.
struct Message<Content> {
  private let content: UnsafeMutablePointer<Content>
  private let owner: MessageOwner

  fileprivate init(_ content: UnsafeMutablePointer<Content>, _ owner: MessageOwner) {
    self.content = content
    self.owner = owner
  }

  fileprivate init?(_ unpack: Unpack<Content>, _ bytes: UnsafeBufferPointer<UInt8>) {
    guard let owner = MessageOwner(unpack, bytes) else { return nil }
    self.init(owner.root(as: Content.self), owner)
  }

  fileprivate var fields: Content { content.pointee }

  fileprivate func list<T>(_ count: Int, _ items: UnsafeMutablePointer<UnsafeMutablePointer<T>?>?) -> [Message<T>] {
    guard let items else { return [] }
    return (0..<count).compactMap { index in items[index].map { Message<T>($0, owner) } }
  }

  fileprivate func single<T>(_ item: UnsafeMutablePointer<T>?) -> Message<T>? { item.map { Message<T>($0, owner) } }

  fileprivate func strings(_ count: Int, _ items: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> [String] {
    guard let items else { return [] }
    return (0..<count).map { text(items[$0]) }
  }

  fileprivate func text(_ characters: UnsafeMutablePointer<CChar>?) -> String { characters.map { String(cString: $0) } ?? "" }

  fileprivate func text(_ bytes: ProtobufCBinaryData) -> String {
    String(decoding: UnsafeBufferPointer(start: bytes.data, count: bytes.data == nil ? 0 : bytes.len), as: UTF8.self)
  }

  fileprivate func array<T>(_ count: Int, _ items: UnsafeMutablePointer<T>?) -> [T] {
    Array(UnsafeBufferPointer(start: items, count: items == nil ? 0 : count))
  }

  fileprivate func pairs(_ items: [Message<Onnx__StringStringEntryProto>]) -> [(key: String, value: String)] {
    items.map { ($0.text($0.fields.key), $0.text($0.fields.value)) }
  }

  fileprivate func opsets(_ items: [Message<Onnx__OperatorSetIdProto>]) -> [(domain: String, version: Int64)] {
    items.map { ($0.text($0.fields.domain), $0.fields.version) }
  }
}

extension Message<Onnx__ModelProto> {
  static func parse(_ bytes: [UInt8]) -> Self? {
    bytes.withUnsafeBufferPointer { Self(onnx__model_proto__unpack, $0) }
  }
  var irVersion: Int64 { fields.ir_version }
  var producer: String { [text(fields.producer_name), text(fields.producer_version)].filter { !$0.isEmpty }.joined(separator: " ") }
  var graph: Message<Onnx__GraphProto>? { single(fields.graph) }
  var opsets: [(domain: String, version: Int64)] { opsets(list(fields.n_opset_import, fields.opset_import)) }
  var metadata: [(key: String, value: String)] { pairs(list(fields.n_metadata_props, fields.metadata_props)) }
  var functions: [Message<Onnx__FunctionProto>] { list(fields.n_functions, fields.functions) }
}

extension Message<Onnx__GraphProto> {
  var nodes: [Message<Onnx__NodeProto>] { list(fields.n_node, fields.node) }
  var name: String { text(fields.name) }
  var initialisers: [Message<Onnx__TensorProto>] { list(fields.n_initializer, fields.initializer) }
  var inputs: [Message<Onnx__ValueInfoProto>] { list(fields.n_input, fields.input) }
  var outputs: [Message<Onnx__ValueInfoProto>] { list(fields.n_output, fields.output) }
  var hasSparseInitialisers: Bool { fields.n_sparse_initializer > 0 }
}

extension Message<Onnx__FunctionProto> {
  var name: String { text(fields.name) }
  var domain: String { text(fields.domain) }
  var overload: String { text(fields.overload) }
  var inputs: [String] { strings(fields.n_input, fields.input) }
  var outputs: [String] { strings(fields.n_output, fields.output) }
  var attributes: [String] { strings(fields.n_attribute, fields.attribute) }
  var attributeDefaults: [Message<Onnx__AttributeProto>] { list(fields.n_attribute_proto, fields.attribute_proto) }
  var nodes: [Message<Onnx__NodeProto>] { list(fields.n_node, fields.node) }
  var opsets: [(domain: String, version: Int64)] { opsets(list(fields.n_opset_import, fields.opset_import)) }
}

extension Message<Onnx__NodeProto> {
  var inputs: [String] { strings(fields.n_input, fields.input) }
  var outputs: [String] { strings(fields.n_output, fields.output) }
  var name: String { text(fields.name) }
  var operation: String { text(fields.op_type) }
  var domain: String { text(fields.domain) }
  var overload: String { text(fields.overload) }
  var attributes: [Message<Onnx__AttributeProto>] { list(fields.n_attribute, fields.attribute) }
  var metadata: [(key: String, value: String)] { pairs(list(fields.n_metadata_props, fields.metadata_props)) }
}

extension Message<Onnx__AttributeProto> {
  var name: String { text(fields.name) }
  /// ONNX's `AttributeType`; old files leave it out, then the field that is set tells.
  var type: Int32 {
    if fields.has_type != 0, fields.type != 0 { return fields.type }
    if fields.has_f != 0 { return 1 }
    if fields.has_i != 0 { return 2 }
    if fields.has_s != 0 { return 3 }
    if fields.t != nil { return 4 }
    if fields.has_g != 0 { return 5 }
    return fields.n_floats > 0 ? 6 : fields.n_strings > 0 ? 8 : 7
  }
  var reference: String { text(fields.ref_attr_name) }
  var float: Float { fields.f }
  var int: Int64 { fields.i }
  var string: String { text(fields.s) }
  var tensor: Message<Onnx__TensorProto>? { single(fields.t) }
  var floats: [Float] { array(fields.n_floats, fields.floats) }
  var ints: [Int64] { array(fields.n_ints, fields.ints) }
  var strings: [String] { (0..<fields.n_strings).map { text(fields.strings[$0]) } }
  /// The graph of a control-flow operator, parsed when asked for.
  func parseGraph() -> Message<Onnx__GraphProto>? {
    guard fields.has_g != 0 else { return nil }
    return .init(onnx__graph_proto__unpack, UnsafeBufferPointer(start: fields.g.data, count: fields.g.data == nil ? 0 : fields.g.len))
  }
}

extension Message<Onnx__TensorProto> {
  var dims: [Int64] { array(fields.n_dims, fields.dims) }
  var dataType: Int32 { fields.data_type }
  var name: String { text(fields.name) }
  var isSegment: Bool { fields.has_segment != 0 }
  var isExternal: Bool { fields.data_location == 1 }
  var external: [(key: String, value: String)] { pairs(list(fields.n_external_data, fields.external_data)) }
  var rawByteCount: Int { fields.has_raw_data == 0 || fields.raw_data.data == nil ? 0 : fields.raw_data.len }
  /// `raw_data` as little-endian numbers; bytes that do not fill a last number are left out. The message loses them: numbers are most of
  /// a model, and need not exist twice.
  func takeRaw<T: BitwiseCopyable>(as type: T.Type) -> [T] {
    let count = rawByteCount / MemoryLayout<T>.size
    defer {
      owner.free(content.pointee.raw_data.data)
      content.pointee.raw_data = ProtobufCBinaryData(len: 0, data: nil)
    }
    return Array(unsafeUninitializedCapacity: count) { buffer, initialised in
      if let source = fields.raw_data.data, count > 0 {
        UnsafeMutableRawBufferPointer(buffer).copyMemory(from: UnsafeRawBufferPointer(start: source, count: count * MemoryLayout<T>.size))
      }
      initialised = count
    }
  }
  var floatData: [Float] { array(fields.n_float_data, fields.float_data) }
  var int32Data: [Int32] { array(fields.n_int32_data, fields.int32_data) }
  var int64Data: [Int64] { array(fields.n_int64_data, fields.int64_data) }
  var doubleData: [Double] { array(fields.n_double_data, fields.double_data) }
  var uint64Data: [UInt64] { array(fields.n_uint64_data, fields.uint64_data) }
  static func parseTensor(_ bytes: [UInt8]) -> Self? {
    bytes.withUnsafeBufferPointer { Self(onnx__tensor_proto__unpack, $0) }
  }
}

extension Message<Onnx__ValueInfoProto> {
  /// The declared type: of a dense tensor, of something else (`kind`), or none.
  enum Declared {
    case tensor(element: Int32, dims: [Dim]?)
    case other(kind: String)
    case none
  }
  enum Dim {
    case value(Int64)
    case name(String)
    case unknown
  }
  var name: String { text(fields.name) }
  var type: Declared {
    guard let type = single(fields.type) else { return .none }
    if let tensor = type.single(type.fields.tensor_type) {
      guard let shape = tensor.single(tensor.fields.shape) else { return .tensor(element: tensor.fields.elem_type, dims: nil) }
      let dims = shape.list(shape.fields.n_dim, shape.fields.dim).map { dim -> Dim in
        if dim.fields.has_dim_value != 0 { return .value(dim.fields.dim_value) }
        let name = dim.text(dim.fields.dim_param)
        return name.isEmpty ? .unknown : .name(name)
      }
      return .tensor(element: tensor.fields.elem_type, dims: dims)
    }
    if type.fields.has_sequence_type != 0 { return .other(kind: "sequence") }
    if type.fields.has_map_type != 0 { return .other(kind: "map") }
    if type.fields.has_optional_type != 0 { return .other(kind: "optional") }
    if type.fields.has_sparse_tensor_type != 0 { return .other(kind: "sparse tensor") }
    if type.fields.has_opaque_type != 0 { return .other(kind: "opaque") }
    return .none
  }
}

extension ONNXImport {
  /// Version of libprotobuf-c that is loaded.
  public static var protobufVersion: String { protobuf_c_version().map { String(cString: $0) } ?? "unknown" }
}
