import Kernels
import Testing
import TestSupport

@testable import OctopiEngine

/// Buffers that are needed at the same time lie apart, and what is free is used.
@Suite("memory map")
struct MemoryMapTests {
  /// A step that computes nothing.
  private struct Touch: PlannedStep {
    var reads: [BufferID] = [], writes: [BufferID] = []
    var summary: StepSummary { StepSummary(name: "", kernel: "", shape: "", flops: 0, bytes: 0, isReference: false) }
    func bind(_ memory: MemoryMap) -> BoundStep { { (_) throws(EngineError) in } }
  }

  private static func shape(_ blocks: Int, batch: Int = 1, edge: Int = 4) -> BlockedShape {
    BlockedShape(batch: batch, channels: blocks * 16, size: Axes(repeating: edge), rank: 3)
  }

  /// Floats that a buffer without parts takes: all that its readers may look at, border and padding included.
  private static func floats(_ id: BufferID, _ buffers: [Buffer], _ memory: MemoryMap) -> [Range<Int>] {
    switch buffers[id.index].kind {
    case .plain(let count): return [memory.plain(id)..<memory.plain(id) + count]
    case .blocked(let shape):
      let view = memory.view(BlockedView(buffer: id, shape: shape)), before = memory.border(BlockedView(buffer: id, shape: shape)).before
      return (0..<shape.batch).map { image in
        let start = view.at(image, 0, -before.z, -before.y, -before.x)
        return start..<start + shape.blocks.count * view.strides.block
      }
    }
  }

  private func expectApart(_ program: Program) {
    let lives = program.lives, memory = MemoryMap(buffers: program.buffers, lives: lives)
    for a in lives.indices {
      guard let life = lives[a] else { continue }
      let taken = Self.floats(BufferID(index: a), program.buffers, memory)
      #expect(taken.allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= memory.floats && $0.lowerBound % 8 == 0 })
      for b in lives.indices[..<a] {
        guard let other = lives[b], other.overlaps(life), program.buffers[a].predecessor?.index != b, program.buffers[b].predecessor?.index != a else { continue }
        for p in taken { for q in Self.floats(BufferID(index: b), program.buffers, memory) { #expect(!p.overlaps(q), "buffers \(a) and \(b)") } }
      }
    }
  }

  /// Random programs of plain and blocked buffers, joined ones and results that take the place of others.
  @Test(arguments: 0..<60)
  func keepsLivingBuffersApart(seed: UInt64) {
    var random = SplitMix64(seed: seed), buffers: [Buffer] = [], steps = [Touch](repeating: Touch(), count: 24)
    func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
    func add(_ kind: Buffer.Kind) -> BufferID {
      buffers.append(Buffer(kind: kind))
      return BufferID(index: buffers.count - 1)
    }
    func use(_ id: BufferID, from first: Int, to last: Int) {
      steps[first].writes.append(id)
      steps[last].reads.append(id)
    }
    for _ in 0..<14 {
      let first = below(20), last = first + below(24 - first), batch = 1 + below(2), border = Axes(repeating: below(2))
      switch below(4) {
      case 0: use(add(.plain(floats: 1 + below(5000))), from: first, to: last)
      case 1: use(add(.blocked(Self.shape(1 + below(4), batch: batch))), from: first, to: last)
      case 2:
        // Two parts, written at different steps, read together at the last.
        let sizes = [1 + below(3), 1 + below(3)], whole = add(.blocked(Self.shape(sizes[0] + sizes[1], batch: batch)))
        (buffers[whole.index].before, buffers[whole.index].after) = (border, border)
        for (part, block) in zip(sizes, [0, sizes[0]]) {
          let id = add(.blocked(Self.shape(part, batch: batch)))
          buffers[id.index].parent = (whole, block)
          use(id, from: first + below(last - first + 1), to: last)
        }
        steps[last].reads.append(whole)
      default:
        let blocks = 1 + below(4), x = add(.blocked(Self.shape(blocks, batch: batch))), y = add(.blocked(Self.shape(1 + below(blocks), batch: batch)))
        (buffers[x.index].before, buffers[x.index].after) = (border, border)
        buffers[y.index].predecessor = x
        use(x, from: first, to: last)
        use(y, from: last, to: last + below(24 - last))
      }
    }
    expectApart(Program(steps: steps, buffers: buffers, inputs: [BufferID(index: 0)], outputs: [BufferID(index: buffers.count - 1)]))
  }

  /// A part that is not written yet leaves its place to others.
  @Test(arguments: [1, 2])
  func partsThatHoldNothingAreFree(batch: Int) {
    var buffers = [Buffer(kind: .blocked(Self.shape(2, batch: batch))), Buffer(kind: .blocked(Self.shape(1, batch: batch))), Buffer(kind: .blocked(Self.shape(1, batch: batch)))]
    for part in 1...2 { buffers[part].parent = (BufferID(index: 0), part - 1) }
    buffers.append(Buffer(kind: .plain(floats: 900)))
    let ids = buffers.indices.map(BufferID.init(index:))
    let steps = [Touch(writes: [ids[2]]), Touch(writes: [ids[3]]), Touch(reads: [ids[3]]), Touch(writes: [ids[1]]), Touch(reads: [ids[0]])]
    let program = Program(steps: steps, buffers: buffers, inputs: [], outputs: [])
    expectApart(program)
    #expect(program.lives == [nil, 3...4, 0...4, 1...2])
    let memory = MemoryMap(buffers: buffers, lives: program.lives)
    #expect(memory.floats == (64 * 32 * batch + 16 + 31) & ~31 && memory.plain(ids[3]) == 0)
  }

  /// Behind a result that takes the place of its input there is room for another.
  @Test func blocksBehindAResultAreFree() {
    var buffers = [4, 2, 2].map { Buffer(kind: .blocked(Self.shape($0, edge: 8))) }
    buffers[1].predecessor = BufferID(index: 0)
    (buffers[0].before, buffers[0].after) = (Axes(repeating: 1), Axes(repeating: 1))
    let ids = buffers.indices.map(BufferID.init(index:))
    let steps = [Touch(writes: [ids[0]]), Touch(reads: [ids[0]], writes: [ids[1]]), Touch(writes: [ids[2]]), Touch(reads: [ids[1], ids[2]])]
    let program = Program(steps: steps, buffers: buffers, inputs: [], outputs: [])
    expectApart(program)
    let memory = MemoryMap(buffers: buffers, lives: program.lives), edge = 10 * 10 * 10 * 16
    #expect(memory.floats == (4 * edge + 16 + 31) & ~31)
    let views = (0..<3).map { memory.view(BlockedView(buffer: ids[$0], shape: Self.shape($0 == 0 ? 4 : 2, edge: 8))) }
    #expect(views[0].offset == views[1].offset && views[0].strides == views[1].strides && views[2].offset == 2 * edge)
  }
}
