/// Where every buffer of a plan lies in its arena.
///
/// Buffers whose lives do not overlap share memory: largest first, each at the lowest place that is free during its life (greedy by
/// size; Pisarchyk & Lee, arXiv 2001.03288). Joined buffers, and a result that takes the place of its input, have one place together, but
/// each part of it is taken only while that part holds something: the rest is free for others.
struct MemoryMap: Sendable {
  /// Floats of the whole arena.
  private(set) var floats = 0
  private var offsets: [Int]
  private let strides: [BlockedStrides?]
  private let buffers: [Buffer]

  /// `lives`: see `Program.lives`.
  init(buffers: [Buffer], lives: [ClosedRange<Int>?]) {
    self.buffers = buffers
    offsets = [Int](repeating: 0, count: buffers.count)
    strides = buffers.map { buffer in
      if case .blocked(let shape) = buffer.kind, buffer.hasOwnMemory { BlockedStrides(shape, before: buffer.before, after: buffer.after) } else { nil }
    }
    place(lives)
  }

  /// Floats of the arena, or of a buffer with its own memory, that are taken during some steps.
  private struct Piece {
    let life: ClosedRange<Int>
    var floats: Range<Int>
  }

  private mutating func place(_ lives: [ClosedRange<Int>?]) {
    var pieces = [[Piece]](repeating: [], count: buffers.count)
    for (index, life) in lives.enumerated() {
      guard let life else { continue }
      let home = buffers.home(of: BufferID(index: index))
      pieces[home.id.index] += ranges(of: index, home).map { Piece(life: life, floats: $0) }
    }
    let sizes = buffers.indices.map { size(of: $0) }
    var placed: [Piece] = []
    for index in buffers.indices.sorted(by: { (sizes[$0], $1) > (sizes[$1], $0) }) where sizes[index] > 0 && !pieces[index].isEmpty {
      let offset = Self.lowestOffset(of: pieces[index], among: placed)
      offsets[index] = offset
      placed += pieces[index].map { Piece(life: $0.life, floats: $0.floats.lowerBound + offset..<$0.floats.upperBound + offset) }
      floats = max(floats, offset + sizes[index])
    }
  }

  /// What a buffer takes of the memory it lies in, float by float.
  private func ranges(of index: Int, _ home: (id: BufferID, firstBlock: Int)) -> [Range<Int>] {
    guard !buffers[index].hasOwnMemory, case .blocked(let shape) = buffers[index].kind, let strides = strides[home.id.index] else {
      return [0..<size(of: index)]
    }
    return (0..<shape.batch).map { image in
      let start = image * strides.batch + home.firstBlock * strides.block
      return start..<start + shape.blocks.count * strides.block
    }
  }

  private static func lowestOffset(of pieces: [Piece], among placed: [Piece]) -> Int {
    var offset = 0, isFree = false
    while !isFree {
      isFree = true
      for piece in pieces {
        for other in placed where other.life.overlaps(piece.life) {
          let start = offset + piece.floats.lowerBound
          guard start < other.floats.upperBound, other.floats.lowerBound < start + piece.floats.count else { continue }
          offset = (other.floats.upperBound - piece.floats.lowerBound + 31) & ~31
          isFree = false
        }
      }
    }
    return offset
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

  /// Resolves buffers that lie in others.
  func view(_ view: BlockedView) -> BoundView {
    let (id, block) = buffers.home(of: view.buffer)
    let strides = strides[id.index] ?? BlockedStrides(view.shape, before: Axes(repeating: 0), after: Axes(repeating: 0))
    return BoundView(shape: view.shape, offset: offsets[id.index] + strides.origin + block * strides.block, strides: strides)
  }

  /// Border of the buffer that a view lies in.
  func border(_ view: BlockedView) -> (before: Axes, after: Axes) {
    let buffer = buffers[buffers.home(of: view.buffer).id.index]
    return (buffer.before, buffer.after)
  }
}
