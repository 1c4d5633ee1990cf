import Kernels
import TestSupport
import Testing

/// Memory for a kernel: filled with a NaN of its own, and with a margin on both sides that must stay so.
///
/// Wrong reads give NaN, missing writes leave it, writes outside show in `marginIsIntact`.
final class GuardedFloats {
  static let filling = Float(bitPattern: 0x7FC0_DEAD)
  private static let margin = 96

  let count: Int
  private let memory: UnsafeMutablePointer<Float>

  init(_ count: Int) {
    self.count = count
    memory = .allocate(capacity: count + 2 * GuardedFloats.margin)
    memory.initialize(repeating: GuardedFloats.filling, count: count + 2 * GuardedFloats.margin)
  }

  convenience init(_ values: some Collection<Float>) {
    self.init(values.count)
    for (i, value) in values.enumerated() { p[i] = value }
  }

  deinit { memory.deallocate() }

  var p: UnsafeMutablePointer<Float> { memory + GuardedFloats.margin }
  /// Where a kernel reads.
  var floats: Floats { Floats(p) }
  var values: [Float] { (0..<count).map { p[$0] } }
  var bits: [UInt32] { (0..<count).map { p[$0].bitPattern } }

  var marginIsIntact: Bool {
    (0..<GuardedFloats.margin).allSatisfy {
      memory[$0].bitPattern == GuardedFloats.filling.bitPattern && p[count + $0].bitPattern == GuardedFloats.filling.bitPattern
    }
  }

  subscript(i: Int) -> Float {
    get { p[i] }
    set { p[i] = newValue }
  }

  /// Whether float i was never written.
  func isUntouched(_ i: Int) -> Bool { p[i].bitPattern == GuardedFloats.filling.bitPattern }
}

extension SplitMix64 {
  /// Even in -1...1, times `scale`, plus `offset`.
  mutating func float(_ scale: Float = 1, offset: Float = 0) -> Float { Float.random(in: -1...1, using: &self) * scale + offset }
}
