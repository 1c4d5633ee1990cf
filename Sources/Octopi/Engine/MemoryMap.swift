/// Where every buffer of a plan lies in its arena.
///
/// Buffers whose lives do not overlap share memory: largest first, each at the lowest place that is free during its life (greedy by
/// size; Pisarchyk & Lee, arXiv 2001.03288).
struct MemoryMap: Sendable {
  /// Floats of the whole arena.
  private(set) var floats = 0
  private var offsets: [Int]
  private var strides: [BlockedStrides?]
  private let buffers: [Buffer]

  /// `lives`: first and last step that touches each buffer without a parent; nil for buffers that nothing touches.
  init(buffers: [Buffer], lives: [ClosedRange<Int>?]) {
    self.buffers = buffers
    offsets = [Int](repeating: 0, count: buffers.count)
    strides = buffers.map { buffer in
      if case .blocked(let shape) = buffer.kind, buffer.parent == nil {
        BlockedStrides(shape, before: buffer.before, after: buffer.after)
      } else { nil }
    }
    place(lives)
  }

  private mutating func place(_ lives: [ClosedRange<Int>?]) {
    let sizes = buffers.indices.map { size(of: $0) }
    var placed: [(life: ClosedRange<Int>, offset: Int, size: Int)] = []
    for index in buffers.indices.sorted(by: { (sizes[$0], $1) > (sizes[$1], $0) }) {
      guard let life = lives[index], sizes[index] > 0 else { continue }
      var offset = 0
      for other in placed.filter({ $0.life.overlaps(life) }).sorted(by: { $0.offset < $1.offset }) {
        if offset + sizes[index] <= other.offset { break }
        offset = max(offset, other.offset + other.size)
      }
      offsets[index] = offset
      placed.append((life, offset, sizes[index]))
      floats = max(floats, offset + sizes[index])
    }
  }

  /// Floats, rounded up so that buffers start on cache lines and vectors may be read beyond the end.
  private func size(of index: Int) -> Int {
    let count =
      switch buffers[index].kind {
      case .blocked: strides[index]?.count ?? 0
      case .plain(let floats): floats
      }
    return count == 0 ? 0 : (count + 16 + 31) & ~31
  }

  func plain(_ id: BufferID) -> Int { offsets[id.index] }

  /// Resolves parts of joined buffers.
  func view(_ view: BlockedView) -> BoundView {
    var id = view.buffer, block = 0
    while let parent = buffers[id.index].parent {
      block += parent.firstBlock
      id = parent.id
    }
    let strides = strides[id.index] ?? BlockedStrides(view.shape, before: Axes(repeating: 0), after: Axes(repeating: 0))
    return BoundView(shape: view.shape, offset: offsets[id.index] + strides.origin + block * strides.block, strides: strides)
  }

  /// Border of the buffer that a view lies in.
  func border(_ view: BlockedView) -> (before: Axes, after: Axes) {
    var id = view.buffer
    while let parent = buffers[id.index].parent { id = parent.id }
    return (buffers[id.index].before, buffers[id.index].after)
  }
}
