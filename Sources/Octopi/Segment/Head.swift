import Foundation

/// What a network's averaged logits mean, and how they become labels.
public enum Head: String, Sendable, Hashable, CaseIterable {
  /// Channel c is class c, class 0 the background. The label is the class of the highest logit.
  case softmax
  /// Channel c is class c + 1, each with a probability of its own. The label is the class of the highest logit above 0 (probability 0.5),
  /// else 0, the background.
  case sigmoid

  /// Label of the first channel.
  public var firstLabel: Int { self == .softmax ? 0 : 1 }
  /// The channel that belongs to a label; nil for the background of a network that has no channel for it.
  public func channel(ofLabel label: Int) -> Int? { label >= firstLabel ? label - firstLabel : nil }
  /// The highest label of a network with `channels` channels.
  public func highestLabel(channels: Int) -> Int { channels - 1 + firstLabel }

  /// Index of the highest value, the lowest on ties. NaN counts as the highest, as in torch's argmax. `value(c)` gives channel c.
  ///
  /// Upstream takes the argmax of probabilities: the same, but for logits closer than some 1e-7, whose probabilities round to one value.
  @inline(__always)
  func label(channels: Int, _ value: (Int) -> Float) -> Int {
    var best = self == .softmax ? value(0) : 0, label = 0
    for channel in (self == .softmax ? 1 : 0)..<max(1, channels) {
      let candidate = value(channel)
      if candidate > best || candidate.isNaN && !best.isNaN {
        best = candidate
        label = channel + firstLabel
      }
    }
    return label
  }

  /// Turns the logits of one voxel into probabilities, in float32: softmax over the channels, or a sigmoid of each.
  func probabilities(_ logits: inout [Float]) {
    switch self {
    case .softmax:
      let highest = logits.max() ?? 0
      var sum: Float = 0
      for channel in logits.indices {
        logits[channel] = exp(logits[channel] - highest)
        sum += logits[channel]
      }
      for channel in logits.indices { logits[channel] /= sum }
    case .sigmoid:
      for channel in logits.indices { logits[channel] = 1 / (1 + exp(-logits[channel])) }
    }
  }
}
