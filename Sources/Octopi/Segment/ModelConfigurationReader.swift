import Yams

/// Takes a configuration apart, key by key.
struct ModelConfigurationReader {
  private let file: String
  private let root: Node

  init(yaml: String, file: String) throws(ModelConfigurationError) {
    self.file = file
    do {
      guard let root = try Yams.compose(yaml: yaml) else { throw ModelConfigurationError.notYAML(file: file, line: nil, problem: "it is empty") }
      self.root = root
    } catch let error as ModelConfigurationError {
      throw error
    } catch {
      let (line, problem) = ModelConfigurationReader.explain(error)
      throw .notYAML(file: file, line: line, problem: problem)
    }
    guard root.mapping != nil else { throw .notYAML(file: file, line: root.mark?.line, problem: "it is not a mapping of keys") }
  }

  private static func explain(_ error: any Error) -> (line: Int?, problem: String) {
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
      (mark.line, problem)
    case .duplicatedKeysInMapping(let duplicates, let context):
      (context.mark.line, "key \(duplicates.sorted().map { "'\($0)'" }.joined(separator: ", ")) stands there twice")
    case .reader(let problem, _, _, _): (nil, problem)
    default: (nil, "\(error)")
    }
  }

  func model() throws(ModelConfigurationError) -> Node {
    guard let model = root["model"] else { throw .missing(file: file, key: "model", example: "model: {num_classes: 3, dim_in: 96}") }
    guard model.mapping != nil else { throw invalid(model, "model", "is not a mapping of keys", "num_classes, dim_in, ...") }
    return model
  }

  func architecture(_ model: Node) throws(ModelConfigurationError) -> String? {
    guard let node = model["architecture"] else { return nil }
    guard let name = node.string else { throw invalid(node, "model.architecture", "is not a name", "Unet, SwinUNETR, DynUNet, SegResNet, ...") }
    return name
  }

  func classes(_ model: Node, _ head: Head) throws(ModelConfigurationError) -> Int {
    guard let node = model["num_classes"] else { throw .missing(file: file, key: "model.num_classes", example: "num_classes: 3") }
    let least = head == .softmax ? 2 : 1
    guard let classes = node.int, (least...65536).contains(classes) else {
      let remark = head == .softmax ? ", the background included" : ""
      throw invalid(node, "model.num_classes", "is \(text(node))", "a whole number of at least \(least)\(remark)")
    }
    return classes
  }

  func roi(_ model: Node) throws(ModelConfigurationError) -> VolumeShape {
    if let node = model["roi"] {
      let sizes = (node.sequence.map(Array.init) ?? []).compactMap { $0.int.flatMap { size(in: $0) } }
      guard sizes.count == node.sequence?.count, let roi = VolumeShape(sizes) else {
        throw invalid(node, "model.roi", "is \(text(node))", "three whole numbers from 1 to 4096, z first, such as [64, 96, 96]")
      }
      return roi
    }
    guard let node = model["dim_in"] else { throw .missing(file: file, key: "model.dim_in", example: "dim_in: 96") }
    guard let size = node.int.flatMap({ size(in: $0) }) else {
      throw invalid(node, "model.dim_in", "is \(text(node))", "a whole number from 1 to 4096, such as 96; three sizes go into 'model.roi'")
    }
    return VolumeShape(z: size, y: size, x: size)
  }

  private func size(in value: Int) -> Int? { (1...4096).contains(value) ? value : nil }

  func choice<Choice: RawRepresentable & CaseIterable>(
    _ model: Node, _ key: String, default preset: Choice
  ) throws(ModelConfigurationError) -> Choice where Choice.RawValue == String {
    guard let node = model[key] else { return preset }
    guard let choice = node.string.flatMap({ Choice(rawValue: $0) }) else {
      throw invalid(node, "model.\(key)", "is \(text(node))", Choice.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return choice
  }

  /// - highest: the highest label that the model can give.
  func labels(highest: Int) throws(ModelConfigurationError) -> [ModelConfiguration.Label] {
    guard let node = root["labels"] else { throw .missing(file: file, key: "labels", example: "labels: {ribosome: 1, membrane: 2}") }
    guard let mapping = node.mapping, !mapping.isEmpty else {
      throw invalid(node, "labels", "names no object", "a mapping of names to numbers, such as {ribosome: 1}")
    }
    var names: [Int: String] = [:], labels: [ModelConfiguration.Label] = []
    for (key, value) in mapping {
      guard let name = key.string, !name.isEmpty else { throw invalid(key, "labels", "holds a key that is no name", "names of objects") }
      guard let number = value.int, (1...highest).contains(number) else {
        let range = highest == 1 ? "1" : "whole numbers from 1 to \(highest)"
        throw invalid(value, "labels.\(name)", "is \(text(value))", "\(range), by 'model.num_classes'; 0 is the background and has no name")
      }
      if let other = names.updateValue(name, forKey: number) {
        throw invalid(value, "labels.\(name)", "is \(number), and so is '\(other)'", "one number for each object")
      }
      labels.append(ModelConfiguration.Label(name: name, value: number))
    }
    return labels
  }

  /// Ours is checked; what octopi notes of its training data is taken as far as it can be read.
  func spacings(_ model: Node) throws(ModelConfigurationError) -> [VoxelSpacing] {
    if let node = model["voxel_size"] {
      guard let spacing = spacing(node.scalar?.string) else {
        throw invalid(node, "model.voxel_size", "is \(text(node))", "the edge of a voxel in angstrom, such as 10.0")
      }
      return [spacing]
    }
    let data = root["dataloader"], uris = data?["tomo_uris"]
    let texts = uris?.sequence.map { $0.prefix(64).map { $0.scalar?.string } } ?? [uris?.scalar?.string]
    let spacings = texts.compactMap { text in spacing(text?.split(separator: "@").last.map(String.init)) }
    return spacings.isEmpty ? [spacing(data?["voxel_size"]?.scalar?.string)].compactMap(\.self) : spacings
  }

  private func spacing(_ text: String?) -> VoxelSpacing? {
    guard let number = text.flatMap(Double.init), number.isFinite, number > 0 else { return nil }
    return VoxelSpacing(number)
  }

  private func invalid(_ node: Node, _ key: String, _ problem: String, _ allowed: String) -> ModelConfigurationError {
    .invalid(file: file, line: node.mark?.line, key: key, problem: problem, allowed: allowed)
  }

  /// A value as the file has it; of a list its first scalars, since anchors can make short files into endless lists.
  private func text(_ node: Node) -> String {
    switch node {
    case .scalar(let scalar): "'\(scalar.string)'"
    case .sequence(let sequence):
      "[\(sequence.prefix(4).map { $0.scalar?.string ?? "..." }.joined(separator: ", "))\(sequence.count > 4 ? ", ..." : "")]"
    case .mapping: "a mapping"
    case .alias: "an alias"
    }
  }
}
