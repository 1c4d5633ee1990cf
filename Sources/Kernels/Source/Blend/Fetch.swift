import CVector

/// Asks memory for `bytes` bytes from `x` on, which somebody will read soon; reads nothing itself. Hardware fetches ahead what follows, and rows
/// that are short and far apart do not.
@inline(never)
func fetch(_ bytes: Int, _ x: UnsafeRawPointer) {
  for i in stride(from: 0, to: bytes, by: 64) { cv_prefetch(x + i) }
  // The last line, where the first does not begin at `x`.
  if bytes > 0 { cv_prefetch(x + bytes - 1) }
}
