import KernelTable

/// Plain SIMD pointers assume alignment; rows of a tensor need not have it.
@inline(__always) func load(_ p: Floats) -> Vector { UnsafeRawPointer(p).loadUnaligned(as: Vector.self) }
@inline(__always) func store(_ v: Vector, _ p: MutableFloats) { UnsafeMutableRawPointer(p).storeBytes(of: v, as: Vector.self) }
