extension VoxelMask {
  /// One erosion and one dilation with the cross of seven voxels. What lies outside the volume, and so outside the mask's bounding box, is
  /// background: a voxel on a face is always eroded, and may be brought back. Linear in the number of words.
  func opened() -> VoxelMask {
    let offsets = [-grid.rowsPerPlane * grid.wordsPerRow, -grid.wordsPerRow, grid.wordsPerRow, grid.rowsPerPlane * grid.wordsPerRow]
    let above = offsets.map { neighbours(offset: $0) }
    var eroded = words
    for i in words.indices {
      let m = words[i]
      eroded[i] = m & (m << 1 | carryFromPrevious(words, i)) & (m >> 1 | carryFromNext(words, i))
      for neighbours in above { eroded[i] &= neighbours[i] < 0 ? 0 : words[Int(neighbours[i])] }
    }
    var result = VoxelMask(grid: grid)
    for i in words.indices {
      let m = eroded[i]
      var bits = m | (m << 1 | carryFromPrevious(eroded, i)) | (m >> 1 | carryFromNext(eroded, i))
      for neighbours in above where neighbours[i] >= 0 { bits |= eroded[Int(neighbours[i])] }
      // An opening lies within its mask; this also clears what the carry of the next row put behind the end of this one.
      bits &= words[i]
      if bits != 0 {
        result.keys.append(keys[i])
        result.words.append(bits)
      }
    }
    return result
  }

  private func carryFromPrevious(_ words: [UInt64], _ i: Int) -> UInt64 {
    i > 0 && keys[i - 1] == keys[i] - 1 ? words[i - 1] >> 63 : 0
  }

  private func carryFromNext(_ words: [UInt64], _ i: Int) -> UInt64 {
    i + 1 < keys.count && keys[i + 1] == keys[i] + 1 ? words[i + 1] << 63 : 0
  }

  /// For each word the index of the one whose number is `offset` higher, or -1.
  private func neighbours(offset: Int) -> [Int32] {
    var result = [Int32](repeating: -1, count: keys.count)
    var other = 0
    for i in keys.indices {
      while other < keys.count, keys[other] < keys[i] + offset { other += 1 }
      if other < keys.count, keys[other] == keys[i] + offset { result[i] = Int32(other) }
    }
    return result
  }
}
