extension Graph {
  /// The graph with zeros that a Pad puts around the space of a convolution's input counted as the convolution's own padding.
  public func withAbsorbedPadding() -> Graph {
    rewritten { node, pattern, _ in
      guard let convolution = node.operation as? Conv, let (pad, source) = pattern.onlySource(of: node.inputs.optional(0), as: Pad.self),
        pad.mode == .constant, let x = source.inputs.optional(0), let type = pattern.graph[x].type
      else { return nil }
      let tensors = source.inputs.map { pattern.constant($0) }
      guard source.inputs.optional(2) == nil || tensors[2] != nil, pad.value(tensors, element: type.element).scalar == 0,
        let pads = try? pad.pads(tensors.map { $0.map(Operand.init) }, rank: type.shape.count),  // types were inferred
        pads.begin[..<2].allSatisfy({ $0 == 0 }), pads.end[..<2].allSatisfy({ $0 == 0 }), (pads.begin + pads.end).allSatisfy({ $0 >= 0 }),
        let window = convolution.window.padded(by: Array(pads.begin[2...]) + Array(pads.end[2...]))
      else { return nil }
      return [node.replaced(by: Conv(window: window, groups: convolution.groups), [x] + node.inputs.dropFirst())]
    }
  }
}
