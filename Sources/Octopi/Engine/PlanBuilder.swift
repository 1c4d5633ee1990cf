import Graph
import Kernels

/// How a value of the graph exists while a plan is being built.
enum Place: Sendable {
  /// Row-major float32, ONNX's order of axes.
  case plain(BufferID)
  case blocked(BlockedView)
  /// `act(scale * raw + shift)`, not computed yet: readers that can do it on load do, the others have it computed in place.
  case normalized(Normalized)
  /// Gathered or normalised when they are read.
  case rows(RowSource)
  /// Not float32: kept as a `Tensor` by the session, for reference evaluation only.
  case host(Int)
}

/// A value that is an affine function per channel of another, and an activation of that.
struct Normalized: Sendable {
  let raw: BlockedView
  /// Per image and block: `Coefficients`; a slope of 1 for no activation.
  let coefficients: BufferID
  /// Nobody else reads `raw`, so the result may take its place.
  let ownsRaw: Bool
  /// Some channel is scaled by zero: no border value would become zero on load.
  var hasZeroScale = false

  var summand: NormalizeStep.Summand { .init(view: raw, coefficients: coefficients) }
}

/// Builds a plan: steps in order, buffers, and what each value of the graph has become so far.
struct PlanBuilder {
  let graph: Graph
  let kernels: KernelTable
  let options: PlanOptions
  /// For work on parameters while the plan is built.
  let pool: ThreadPool
  private(set) var buffers: [Buffer] = []
  private(set) var steps: [any PlannedStep] = []
  private(set) var hostSlots = 0
  private var places: [ValueID: Place] = [:]
  private var planes: [ValueID: BlockedView] = [:]
  /// Buffers that several values of the graph name, some of which are read more than once.
  private var shared: Set<BufferID> = []
  private let uses: [Int]
  private var remaining: [Int]

  init(graph: Graph, kernels: KernelTable, options: PlanOptions, pool: ThreadPool) {
    self.graph = graph
    self.kernels = kernels
    self.options = options
    self.pool = pool
    var uses = [Int](repeating: 0, count: graph.values.count)
    for node in graph.nodes { for case let id? in node.inputs { uses[id.index] += 1 } }
    for id in graph.outputs { uses[id.index] += 1 }
    self.uses = uses
    remaining = uses
  }

  // MARK: values

  /// How many nodes (and outputs of the graph) read the value.
  func useCount(_ id: ValueID) -> Int { uses[id.index] }

  /// The node being lowered is the last that reads the value.
  func isLastUse(_ id: ValueID) -> Bool { remaining[id.index] == 1 }

  /// Notes that a node has been lowered.
  mutating func finish(_ node: Node) {
    for case let id? in node.inputs { remaining[id.index] -= 1 }
  }

  func type(_ id: ValueID) throws(EngineError) -> TensorType {
    guard let type = graph[id].type else { throw .invalid(place: graph[id].name, reason: "has no type; the graph was not specialised") }
    return type
  }

  func place(_ id: ValueID) -> Place? { places[id] }

  mutating func define(_ id: ValueID?, _ place: Place) {
    if let id { places[id] = place }
  }

  /// The row-major buffer of a value that one node reads, under this name or others: the step that writes it may be changed.
  ///
  /// - uses: how often that node reads it.
  func ownedBuffer(_ id: ValueID, uses: Int = 1) -> BufferID? {
    guard useCount(id) == uses, case .plain(let buffer)? = place(id), !shared.contains(buffer) else { return nil }
    return buffer
  }

  /// Makes `y` another name for what `x` is.
  mutating func alias(_ x: ValueID, _ y: ValueID) throws(EngineError) {
    if case .rows(let source)? = place(x), useCount(x) == 1 { return try defineRows(y, source) }
    let buffer = try plain(x)
    if useCount(x) != 1 { shared.insert(buffer) }
    define(y, .plain(buffer))
  }

  // MARK: buffers

  mutating func newPlain(floats: Int) -> BufferID {
    buffers.append(Buffer(kind: .plain(floats: floats)))
    return BufferID(index: buffers.count - 1)
  }

  mutating func newBlocked(_ shape: BlockedShape) -> BlockedView {
    buffers.append(Buffer(kind: .blocked(shape)))
    return BlockedView(buffer: BufferID(index: buffers.count - 1), shape: shape)
  }

  mutating func newHostSlot() -> Int {
    hostSlots += 1
    return hostSlots - 1
  }

  mutating func emit(_ step: any PlannedStep) { steps.append(step) }

  /// Makes `part` a part of `whole` from `firstBlock` on, if it has its own memory yet and nothing stands against it.
  mutating func join(_ part: BlockedView, into whole: BlockedView, firstBlock: Int) -> Bool {
    guard buffers[part.buffer.index].parent == nil, part.buffer != whole.buffer, part.shape.width == whole.shape.width else { return false }
    guard case .blocked(let shape) = buffers[part.buffer.index].kind, shape.blocks.count == part.shape.blocks.count else { return false }
    let child = buffers[part.buffer.index]
    buffers[part.buffer.index].parent = (whole.buffer, firstBlock)
    widen(whole.buffer, before: child.before, after: child.after)
    return true
  }

  /// The buffer has become part of another, whose readers may still come.
  func isJoined(_ view: BlockedView) -> Bool { buffers[view.buffer.index].parent != nil }

  private mutating func widen(_ id: BufferID, before: Axes, after: Axes) {
    let root = buffers.root(of: id).index
    buffers[root].before = buffers[root].before.merged(before, max)
    buffers[root].after = buffers[root].after.merged(after, max)
  }

  /// The leaves of a buffer: itself, or the parts that were joined into it.
  private func parts(of id: BufferID) -> [BufferID] {
    let parts = buffers.indices.filter { buffers[$0].parent?.id == id }
    return parts.isEmpty ? [id] : parts.flatMap { self.parts(of: BufferID(index: $0)) }
  }

  /// A step is about to give a buffer new contents: what its border holds is no longer what readers of the new contents need.
  mutating func renew(_ view: BlockedView) {
    for part in parts(of: view.buffer) { buffers[part.index].border = nil }
  }

  /// Sees to it that `view` has a border of at least this size with this content. False if the border already holds something else.
  mutating func requireBorder(_ view: BlockedView, before: Axes, after: Axes, _ content: Buffer.Border) -> Bool {
    let none = Axes(repeating: 0)
    if before == none && after == none { return true }
    let parts = parts(of: view.buffer)
    if parts.contains(where: { buffers[$0.index].border != nil && buffers[$0.index].border != content }) { return false }
    widen(view.buffer, before: before, after: after)
    for part in parts where buffers[part.index].border == nil {
      guard case .blocked(let shape) = buffers[part.index].kind else { continue }
      buffers[part.index].border = content
      emit(BorderStep(view: BlockedView(buffer: part, shape: shape), content: content))
    }
    return true
  }

  /// Changes the last step that gave `buffer` its contents, if it is of this kind, for epilogues that are found later.
  mutating func update<S: PlannedStep>(_ type: S.Type, writing buffer: BufferID, _ change: (inout S) -> Bool) -> Bool {
    guard let index = steps.lastIndex(where: { $0.writes.contains(buffer) && !($0 is BorderStep) }), var step = steps[index] as? S, change(&step) else { return false }
    steps[index] = step
    return true
  }

  /// The step that gave `buffer` its contents.
  func producer(of buffer: BufferID) -> (any PlannedStep)? { steps.last(where: { $0.writes.contains(buffer) && !($0 is BorderStep) }) }

  /// Changes what follows in the step that gave `buffer` its contents, if it is a convolution.
  mutating func updateTail(_ buffer: BufferID, _ change: (_ tail: inout ConvolutionTail, _ normalizesResidual: Bool) -> Void) {
    let index = lastWrite(buffer)
    guard index >= 0, var step = steps[index] as? any TiledConvolution, var tail = step.tail(of: buffer) else { return }
    change(&tail, step.normalizesResidual)
    step.setTail(tail, of: buffer)
    steps[index] = step
  }

  /// Gives the last two-tap step that reads `input` another output, if nothing has changed that input since.
  mutating func shareTwoTap(_ input: BlockedView, _ problem: ConvolutionProblem, _ output: BlockedView) -> Bool {
    let whole = buffers.root(of: input.buffer), related = Set(buffers.indices.map(BufferID.init(index:)).filter { buffers.root(of: $0) == whole })
    guard let index = steps.lastIndex(where: { ($0 as? TwoTapStep)?.input == input }), var step = steps[index] as? TwoTapStep,
      steps[(index + 1)...].allSatisfy({ related.isDisjoint(with: $0.writes) || $0 is BorderStep }), step.add(problem, output)
    else { return false }
    steps[index] = step
    return true
  }

  /// Index of the step that last writes a buffer, -1 for inputs.
  func lastWrite(_ id: BufferID) -> Int { steps.lastIndex(where: { $0.writes.contains(id) && !($0 is BorderStep) }) ?? -1 }

  // MARK: representations

  /// The value as a blocked activation, converted or computed now if it is not one yet.
  mutating func blocked(_ id: ValueID) throws(EngineError) -> BlockedView {
    switch places[id] {
    case .blocked(let view): return view
    case .normalized(let value): return materialize(id, value)
    case .plain, .rows, .host, nil:
      let type = try type(id)
      guard let shape = BlockedShape(tensor: type.shape) else {
        throw .unsupported(place: graph[id].name, reason: "shape \(type.shape) has no channels and space")
      }
      let view = newBlocked(shape)
      emit(PackStep(name: graph[id].name, input: try plain(id), output: view))
      places[id] = .blocked(view)
      return view
    }
  }

  /// The value as row-major float32.
  mutating func plain(_ id: ValueID) throws(EngineError) -> BufferID {
    switch places[id] {
    case .plain(let buffer): return buffer
    case .blocked(let view): return unpack(id, view)
    case .normalized(let value): return unpack(id, materialize(id, value))
    case .rows(let source):
      let count = try type(id).count, buffer = newPlain(floats: count)
      emit(RowsStep(name: graph[id].name, input: source, output: buffer, count: count))
      places[id] = .plain(buffer)
      return buffer
    case .host, nil:
      let type = try type(id)
      guard type.element.isFloatingPoint else { throw .unsupported(place: graph[id].name, reason: "\(type.element.onnxName) where float is needed") }
      let source: HostSource
      if case .host(let slot)? = places[id] { source = .slot(slot) } else { source = try constantSource(id) }
      let buffer = newPlain(floats: type.count)
      emit(FromHostStep(name: graph[id].name, source: source, output: buffer, count: type.count))
      places[id] = .plain(buffer)
      return buffer
    }
  }

  /// The value as planes, one channel a block: for the few channels of a network's input.
  mutating func planar(_ id: ValueID) throws(EngineError) -> BlockedView {
    if let view = planes[id] { return view }
    let shape = try type(id).shape
    guard let blocked = BlockedShape(tensor: shape) else { throw .unsupported(place: graph[id].name, reason: "shape \(shape) has no channels and space") }
    let view = newBlocked(BlockedShape(batch: blocked.batch, channels: blocked.channels, size: blocked.size, rank: blocked.rank, width: 1))
    emit(PackStep(name: graph[id].name, input: try plain(id), output: view))
    planes[id] = view
    return view
  }

  /// A copy of an activation in memory of its own.
  mutating func copied(_ view: BlockedView, name: String) -> BlockedView {
    let copy = newBlocked(view.shape)
    emit(CopyStep(name: name, input: view, output: copy, firstChannel: 0))
    return copy
  }

  func constantSource(_ id: ValueID) throws(EngineError) -> HostSource {
    guard let constant = graph[id].constant else { throw .invalid(place: graph[id].name, reason: "is read before it is computed") }
    return .constant(constant)
  }

  /// The value for reference evaluation.
  mutating func hostSource(_ id: ValueID) throws(EngineError) -> HostSource {
    if let constant = graph[id].constant { return .constant(constant) }
    if case .host(let slot)? = places[id] { return .slot(slot) }
    return .floats(try plain(id), try type(id))
  }

  private mutating func unpack(_ id: ValueID, _ view: BlockedView) -> BufferID {
    let buffer = newPlain(floats: view.shape.batch * view.shape.channels * view.shape.size.product)
    emit(UnpackStep(name: graph[id].name, input: view, output: buffer))
    return buffer
  }

  /// Computes a pending normalisation, in place if nobody else needs the raw values.
  private mutating func materialize(_ id: ValueID, _ value: Normalized) -> BlockedView {
    let output = value.ownsRaw ? value.raw : newBlocked(value.raw.shape)
    renew(output)
    emit(NormalizeStep(name: graph[id].name, a: value.summand, b: nil, output: output))
    places[id] = .blocked(output)
    return output
  }
}

/// What the user may choose about how a plan computes.
public struct PlanOptions: Sendable, Hashable {
  /// Direct convolution only.
  public var exact = false
  /// Bytes of derived weights to keep between runs, and of those that are made at every run, unless one layer needs more; nil: little
  /// against what the plan holds anyway. The results have the same bits.
  public var derivedBytes: Int?
  /// An output that kernels leave in blocks of channels stays so, or is handed out while the plan runs; who runs it takes it part by part.
  var leavesOutputsBlocked = false
  /// Results may take the place of inputs that have served, and convolutions compute what they alone read; the bits are the same.
  var computesInPlace = true

  public init(exact: Bool = false, derivedBytes: Int? = nil) {
    self.exact = exact
    self.derivedBytes = derivedBytes
  }
}
