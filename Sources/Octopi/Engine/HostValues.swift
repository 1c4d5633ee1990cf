import Graph

/// Values of a session that are not float32: tensors for reference evaluation.
final class HostValues {
  private var slots: [Tensor?]

  init(count: Int) { slots = [Tensor?](repeating: nil, count: count) }

  subscript(_ slot: Int) -> Tensor? {
    get { slots[slot] }
    set { slots[slot] = newValue }
  }
}

/// Where a reference evaluation takes an input from.
enum HostSource: Sendable {
  case constant(Tensor)
  case slot(Int)
  case floats(BufferID, TensorType)

  var buffer: BufferID? { if case .floats(let id, _) = self { id } else { nil } }
}
