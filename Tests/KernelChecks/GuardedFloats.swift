public import KernelTable
public import TestSupport

/// Memory for a kernel, aligned to lines of 64 bytes: filled with a NaN of its own, and with a margin on both sides that must stay so.
///
/// Wrong reads give NaN, missing writes leave it, writes outside show in `marginIsIntact`.
public final class GuardedFloats {
  private static let filling: UInt32 = 0x7FC0_DEAD
  private static let margin = 96

  public let count: Int
  private let memory: UnsafeMutablePointer<Float>

  public init(_ count: Int) {
    self.count = count
    let floats = count + 2 * GuardedFloats.margin, bytes = UnsafeMutableRawPointer.allocate(byteCount: floats * 4, alignment: 64)
    memory = bytes.initializeMemory(as: Float.self, repeating: Float(bitPattern: GuardedFloats.filling), count: floats)
  }

  public convenience init(_ values: [Float]) {
    self.init(values.count)
    for i in 0..<values.count { p[i] = values[i] }
  }

  /// Float i is `value(i)`.
  public convenience init(_ count: Int, _ value: (_ i: Int) -> Float) {
    self.init(count)
    for i in 0..<count { p[i] = value(i) }
  }

  deinit { memory.deallocate() }

  public var p: UnsafeMutablePointer<Float> { memory + GuardedFloats.margin }
  /// Where a kernel reads.
  public var floats: Floats { Floats(p) }
  public var values: [Float] { (0..<count).map { p[$0] } }
  public var bits: [UInt32] { (0..<count).map { p[$0].bitPattern } }

  public var marginIsIntact: Bool {
    for i in 0..<GuardedFloats.margin {
      if memory[i].bitPattern != GuardedFloats.filling || p[count + i].bitPattern != GuardedFloats.filling { return false }
    }
    return true
  }

  public subscript(i: Int) -> Float {
    get { p[i] }
    set { p[i] = newValue }
  }

  /// Whether float i was never written.
  public func isUntouched(_ i: Int) -> Bool { p[i].bitPattern == GuardedFloats.filling }
}

/// Integers that a kernel reads through a pointer which outlives the call that takes it.
final class Integers {
  let p: UnsafePointer<Int>

  init(_ values: [Int]) {
    let memory = UnsafeMutablePointer<Int>.allocate(capacity: values.count)
    for i in values.indices { memory[i] = values[i] }
    p = UnsafePointer(memory)
  }

  deinit { p.deallocate() }
}

extension SplitMix64 {
  /// Even in -1...1, times `scale`, plus `offset`.
  public mutating func float(_ scale: Float = 1, offset: Float = 0) -> Float { Float.random(in: -1...1, using: &self) * scale + offset }

  /// 0 ..< count.
  mutating func below(_ count: Int) -> Int { Int(next() % UInt64(count)) }
}
