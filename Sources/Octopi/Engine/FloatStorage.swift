import Kernels

/// Immutable floats at an address that is a multiple of 64 bytes: parameters of a plan.
final class FloatStorage: @unchecked Sendable {
  let pointer: Floats
  let count: Int
  private let owned: UnsafeMutableRawPointer?
  private let owner: AnyObject?

  /// `fill` writes all `count` floats, which start as zeros.
  init(count: Int, fill: (UnsafeMutableBufferPointer<Float>) -> Void) {
    let owned = UnsafeMutableRawPointer.allocate(byteCount: max(1, count) * 4 + 4096, alignment: 64)
    let floats = owned.bindMemory(to: Float.self, capacity: count)
    floats.initialize(repeating: 0, count: count + 1024)
    fill(UnsafeMutableBufferPointer(start: floats, count: count))
    pointer = UnsafePointer(floats)
    self.count = count
    self.owned = owned
    owner = nil
  }

  /// Floats that `owner` keeps, at a multiple of 64 bytes; 4096 readable bytes follow them.
  init(_ pointer: Floats, count: Int, owner: AnyObject) {
    self.pointer = pointer
    self.count = count
    owned = nil
    self.owner = owner
  }

  convenience init(_ values: [Float]) {
    self.init(count: values.count) { target in for i in values.indices { target[i] = values[i] } }
  }

  deinit { owned?.deallocate() }
}

/// Immutable integers that kernels take by pointer.
final class IntStorage: @unchecked Sendable {
  let pointer: UnsafePointer<Int>
  let count: Int

  init(_ values: [Int]) {
    let p = UnsafeMutablePointer<Int>.allocate(capacity: max(1, values.count))
    for i in values.indices { (p + i).initialize(to: values[i]) }
    pointer = UnsafePointer(p)
    count = values.count
  }

  deinit { pointer.deallocate() }
}
