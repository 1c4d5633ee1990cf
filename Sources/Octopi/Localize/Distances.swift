extension OpenedVoxels {
  /// Squared Euclidean distance of every voxel to the nearest background voxel within `box`, 0 at the gaps; exact.
  ///
  /// What lies outside the box is not background, and the box must hold some: after an opening its corners always are. One axis after the
  /// other, each along the unbroken line through the voxel only: a nearest background voxel is reached through voxels that are nearer
  /// still, so that nothing behind a gap counts. Complexity: linear. Source: Meijster, Roerdink, Hesselink 2000, doi:10.1007/0-306-47025-X_36.
  func squaredDistances(in box: VoxelBox) -> [Int32] {
    var distances = [Int32](repeating: 0, count: count)
    forEachRun { number, _, _, x, length in
      for i in 0..<length {
        let before = x == box.x.lowerBound ? Int.max : i + 1
        let after = x + length == box.x.upperBound ? Int.max : length - i
        let nearest = min(before, after)
        distances[number + i] = nearest == Int.max ? DistanceLine.unbounded : Int32(nearest * nearest)
      }
    }
    var line = DistanceLine()
    forEachRun { number, z, y, _, length in
      for i in number..<number + length where links[i][1] == 0 {
        line.transform(&distances, from: i, following: links, 2, position: y, within: box.y)
      }
    }
    forEachRun { number, z, _, _, length in
      for i in number..<number + length where links[i][0] == 0 {
        line.transform(&distances, from: i, following: links, 3, position: z, within: box.z)
      }
    }
    return distances
  }
}

/// One line of the distance transform: `g[i] = min over j of f[j] + (i - j)^2`, and its scratch memory.
private struct DistanceLine {
  /// Stands for a line without background.
  static let unbounded = Int32.max

  private var numbers: [Int] = []
  /// Parabolas of the lower envelope from left to right: where each has its minimum, how high it is there, where it becomes the lowest.
  private var envelope: [(site: Int, height: Int, from: Int)] = []

  /// Replaces the values of the voxels from number `start` along `links[axis]`. `position` is the index of `start`; the line is bounded by
  /// background at either end unless it ends at the end of `range`.
  mutating func transform(
    _ values: inout [Int32], from start: Int, following links: [SIMD4<Int32>], _ axis: Int, position: Int, within range: Range<Int>
  ) {
    numbers.removeAll(keepingCapacity: true)
    envelope.removeAll(keepingCapacity: true)
    if position != range.lowerBound { envelope.append((-1, 0, 0)) }
    var number = start
    while number != 0 {
      if values[number] != Self.unbounded { add(site: numbers.count, height: Int(values[number])) }
      numbers.append(number)
      number = Int(links[number][axis])
    }
    if position + numbers.count != range.upperBound { add(site: numbers.count, height: 0) }
    guard var lowest = envelope.popLast() else { return }
    for i in numbers.indices.reversed() {
      while i < lowest.from, let next = envelope.popLast() { lowest = next }
      values[numbers[i]] = Int32(lowest.height + (i - lowest.site) * (i - lowest.site))
    }
  }

  /// Adds a parabola to the right of all others.
  private mutating func add(site: Int, height: Int) {
    while let last = envelope.last {
      // The first integer at which the new parabola is lower than the last one.
      let rise = site * site - last.site * last.site + height - last.height
      let from = rise < 0 ? 0 : rise / (2 * (site - last.site)) + 1
      if from > last.from {
        envelope.append((site, height, from))
        return
      }
      envelope.removeLast()
    }
    envelope.append((site, height, 0))
  }
}
