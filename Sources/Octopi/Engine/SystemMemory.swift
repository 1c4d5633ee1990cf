import Kernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Floats from the system, zeros at first, in huge pages where it has them; what is never touched takes no memory.
final class SystemMemory {
  let floats: MutableFloats
  private let bytes: Int

  /// One page more than asked for: kernels read vectors beyond the end.
  init(floats count: Int) throws(EngineError) {
    bytes = count * 4 + 4096
    let address = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let address, address != UnsafeMutableRawPointer(bitPattern: -1) else { throw .outOfMemory(bytes: bytes) }
    #if os(Linux)
      madvise(address, bytes, MADV_HUGEPAGE) // Refused by kernels without huge pages: small ones serve as well.
    #endif
    floats = address.bindMemory(to: Float.self, capacity: count + 1024)
  }

  deinit { munmap(floats, bytes) }
}
