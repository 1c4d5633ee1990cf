import Kernels
import Synchronization

/// Turns finished planes of sums into labels, and into probabilities if they are wanted, and hands both on in slabs.
struct SlabOutput {
  private let blender: Blender
  private let head: Head
  private let kernels: RowKernels
  private let labels: SlabBuffer<UInt8>
  private let probabilities: SlabBuffer<Float>?
  /// Planes across the axis that are done.
  private var done = 0
  private(set) var voxelsPerLabel: [Int]

  init(_ blender: Blender, _ head: Head, labels: VolumeShape, probabilities: VolumeShape?, _ kernels: RowKernels) throws(SegmentationError) {
    self.blender = blender
    self.head = head
    self.kernels = kernels
    let shape = blender.layout.shape, axis = blender.layout.axis
    self.labels = try SlabBuffer(shape, axis: axis, planes: labels[axis], channels: 1)
    if let probabilities {
      self.probabilities = try SlabBuffer(shape, axis: axis, planes: probabilities[axis], channels: blender.channels)
    } else {
      self.probabilities = nil
    }
    voxelsPerLabel = Array(repeating: 0, count: min(255, head.highestLabel(channels: blender.channels)) + 1)
  }

  /// Finishes all planes before `end`.
  mutating func advance(to end: Int, on pool: ThreadPool, _ sink: inout some LabelSink, _ probabilitySink: inout (any ProbabilitySink)?) throws {
    let layout = blender.layout
    while done < end {
      let stop = min(end, labels.end, probabilities?.end ?? end)
      try finish(VolumeBox(layout.shape, layout.axis, done..<stop), on: pool)
      done = stop
      if labels.end == done {
        try labels.flush { slab, box in
          count(slab, on: pool)
          try sink.write(slab, of: box)
        }
      }
      if let probabilities, probabilities.end == done {
        try probabilities.flush { try probabilitySink?.write($0, of: $1, channels: blender.channels) }
      }
    }
  }

  private func finish(_ box: VolumeBox, on pool: ThreadPool) throws(SegmentationError) {
    let tooHigh = Mutex<SegmentationError?>(nil)
    let isByte = head.highestLabel(channels: blender.channels) < 256
    blender.take(box, on: pool) { row, logits in
      labels.write(row, channel: 0) { labels in
        if isByte { return kernels.label(logits, at: row.place, channels: blender.channels, head, into: &labels) }
        if let label = labelSlowly(row, logits, into: &labels) { tooHigh.withLock { $0 = $0 ?? .labelAbove255(label) } }
      }
      if let probabilities { write(row, logits, to: probabilities) }
    }
    if let error = tooHigh.withLock(\.self) { throw error }
  }

  /// Labels of networks that have more classes than a byte has values. Returns a label that is too high for one, if there is any.
  private func labelSlowly(_ row: AveragedRow, _ logits: Span<Float>, into labels: inout MutableSpan<UInt8>) -> Int? {
    var tooHigh: Int?
    for i in 0..<row.x.count {
      let label = head.label(channels: blender.channels) { logits[row.place.first + $0 * row.place.channelStep + i] }
      if label > 255 { tooHigh = label }
      labels[i] = UInt8(truncatingIfNeeded: label)
    }
    return tooHigh
  }

  private func write(_ row: AveragedRow, _ logits: Span<Float>, to buffer: SlabBuffer<Float>) {
    var values = Array(repeating: Float(0), count: blender.channels)
    for i in 0..<row.x.count {
      for channel in values.indices { values[channel] = logits[row.place.first + channel * row.place.channelStep + i] }
      head.probabilities(&values)
      for channel in values.indices { buffer.write(row, channel: channel) { $0[i] = values[channel] } }
    }
  }

  private mutating func count(_ slab: Span<UInt8>, on pool: ThreadPool) {
    let tasks = pool.threads, counts = SharedBuffer<Int>(count: tasks * 256)
    pool.run(tasks) { task, _ in
      counts.write(task * 256..<(task + 1) * 256) { counts in
        for i in slab.count * task / tasks..<slab.count * (task + 1) / tasks { counts[Int(slab[i])] += 1 }
      }
    }
    for task in 0..<tasks {
      counts.read(task * 256..<(task + 1) * 256) { for label in voxelsPerLabel.indices { voxelsPerLabel[label] += $0[label] } }
    }
  }
}
