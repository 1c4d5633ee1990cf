/// Index of a value in `Graph.values`.
public struct ValueID: Sendable, Hashable {
  public let index: Int
  public init(_ index: Int) { self.index = index }
}

/// A dimension as a model file declares it. Names carry no arithmetic: an unknown dimension is fixed by the shape of the window.
public enum Dimension: Sendable, Hashable {
  case known(Int)
  case named(String)
  case unknown
}

/// An edge of the graph: an input, a constant, or the result of one node.
public struct Value: Sendable {
  public var name: String
  /// What the file declares of inputs and outputs; the rank itself may be missing.
  public var declared: (element: ElementType, shape: [Dimension]?)?
  /// Known once the graph has been specialised to concrete input shapes, and for constants.
  public var type: TensorType?
  /// The value where it is known; one that lies in a file is read from there, anew each time.
  public var constant: Tensor? {
    get {
      switch content {
      case .computed: nil
      case .tensor(let tensor): tensor
      case .stored(let source): source.tensor()
      }
    }
    set { content = newValue.map(Content.tensor) ?? .computed }
  }
  /// Whether `constant` is there, without reading it.
  public var isConstant: Bool { if case .computed = content { false } else { true } }
  /// Where a constant lies that has not been read.
  public var stored: (any StoredConstant)? { if case .stored(let source) = content { source } else { nil } }

  private var content: Content

  private enum Content {
    case computed
    case tensor(Tensor)
    case stored(any StoredConstant)
  }

  public init(name: String, declared: (element: ElementType, shape: [Dimension]?)? = nil, type: TensorType? = nil, constant: Tensor? = nil) {
    self.name = name
    self.declared = declared
    self.type = type ?? constant?.type
    content = constant.map(Content.tensor) ?? .computed
  }

  /// A constant that lies in a file.
  public init(name: String, stored: any StoredConstant) {
    self.name = name
    type = stored.type
    content = .stored(stored)
  }
}

/// A constant that lies somewhere else, such as in a mapped file, until someone needs its numbers.
public protocol StoredConstant: AnyObject, Sendable {
  var type: TensorType { get }
  func tensor() -> Tensor
}

/// One operation. Optional inputs that are absent are nil; an output that nobody names is nil.
public struct Node: Sendable {
  public var name: String
  public var operation: any Operator
  public var inputs: [ValueID?]
  public var outputs: [ValueID?]
  /// The module of the network that the node belongs to, as the exporter noted it, for people; may be empty.
  public var layer: String

  public init(name: String, operation: any Operator, inputs: [ValueID?], outputs: [ValueID?], layer: String = "") {
    self.name = name
    self.operation = operation
    self.inputs = inputs
    self.outputs = outputs
    self.layer = layer
  }

  /// How messages call the node.
  public var place: String { "node '\(name)' (\(type(of: operation).declaration.name))" }
}

/// A network as plain values: nodes in topological order over an array of values; each value has at most one producer.
///
/// Passes are functions `Graph -> Graph`; nothing is edited behind a caller's back.
public struct Graph: Sendable {
  public var values: [Value]
  public var nodes: [Node]
  public var inputs: [ValueID]
  public var outputs: [ValueID]
  /// Producer, opsets and metadata of the file, for people.
  public var origin: Origin

  public struct Origin: Sendable, Hashable {
    public var producer = ""
    public var irVersion = 0
    public var opsets: [String: Int] = [:]
    public var metadata: [String: String] = [:]
    public init() {}
  }

  public init(values: [Value] = [], nodes: [Node] = [], inputs: [ValueID] = [], outputs: [ValueID] = [], origin: Origin = Origin()) {
    self.values = values
    self.nodes = nodes
    self.inputs = inputs
    self.outputs = outputs
    self.origin = origin
  }

  public subscript(_ id: ValueID) -> Value {
    get { values[id.index] }
    set { values[id.index] = newValue }
  }

  /// Appends a value and returns its id.
  public mutating func add(_ value: Value) -> ValueID {
    values.append(value)
    return ValueID(values.count - 1)
  }
}
