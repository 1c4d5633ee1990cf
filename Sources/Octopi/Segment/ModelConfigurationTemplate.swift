import Graph

extension ModelConfiguration {
  /// A configuration to begin with, filled with what is known of a model.
  ///
  /// - roi, channels: nil where the model file leaves them open.
  /// - remarks: lines about the model that go before it.
  public static func template(channels: Int?, roi: VolumeShape?, remarks: [String] = []) -> String {
    let window: String
    switch roi {
    case nil: window = "dim_in: 96"
    case let roi? where roi.z == roi.y && roi.y == roi.x: window = "dim_in: \(roi.z)"
    case let roi?: window = "roi: [\(roi.z), \(roi.y), \(roi.x)]"
    }
    let comments = remarks.map { "# \($0)\n" }.joined()
    let objects = (1..<max(2, min(channels ?? 2, 256))).map { "  object-\($0): \($0)\n" }.joined()
    return comments + """
      model:
        num_classes: \(channels ?? 2)
        \(window)
        head: softmax        # or sigmoid: channel c is class c + 1
        normalize: volume    # or window, none
      labels:
      \(objects)
      """
  }

  /// A configuration for a network that has none: window and classes as far as its file tells.
  static func template(for network: NetworkFile) -> String {
    let roi = network.fixedWindow.flatMap(VolumeShape.init)
    var outputs = network.outputs
    // Where the file leaves outputs open, the network itself tells, if it takes a window of the usual size.
    if outputs.contains(where: { channels(of: $0) == nil }), let shapes = try? network.inputShapes(size: nil),
      let graph = try? network.graph.specialised(to: shapes)
    {
      for (index, id) in graph.outputs.enumerated() where outputs.indices.contains(index) {
        guard let type = graph[id].type, channels(of: outputs[index]) == nil else { continue }
        outputs[index].declared = (type.element, type.shape.enumerated().map { $0 == 1 ? .known($1) : .unknown })
      }
    }
    let fitting = outputs.compactMap(channels)
    let inputs = network.inputs.map { "input '\($0.name)' is \(TypeText.declared($0))" }
    let kinds = outputs.map { "output '\($0.name)' is \(TypeText.declared($0))" }
    return template(channels: fitting.first, roi: roi, remarks: inputs + kinds)
  }

  /// Channels of an output that a window's labels could come from.
  private static func channels(of output: Value) -> Int? {
    guard let shape = output.declared?.shape, shape.count == 5, case .known(let channels) = shape[1] else { return nil }
    return channels
  }
}
