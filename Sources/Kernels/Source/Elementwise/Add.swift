import KernelTable

/// `y[i] = a[i] + b[i]` for `count` floats; any count, any alignment, `y` may be `a` or `b`. Bound by memory.
@inline(never)
func addRow(_ count: Int, _ a: Floats, _ b: Floats, _ y: MutableFloats) {
  let whole = count - count % Vector.scalarCount
  var i = 0
  while i < whole {
    store(add(load(a + i), load(b + i)), y + i)
    i += Vector.scalarCount
  }
  while i < count {
    y[i] = a[i] + b[i]
    i += 1
  }
}
