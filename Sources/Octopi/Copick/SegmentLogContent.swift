import Yams

/// What later commands need from the log of a segmentation.
struct SegmentLogContent {
  let labels: [ModelConfiguration.Label]
  /// Nil if the log does not tell.
  let weights: [String]?
  /// Type and voxel spacing of the tomograms as they were asked for; nil if the log does not tell.
  let tomogramType: String?
  let spacing: VoxelSpacing?

  /// Reads a log; nil if there is none.
  init?(file: String) throws(CopickError) {
    let text: String
    do throws(InputError) {
      text = String(decoding: try InputFile.bytes(of: file, what: "log", limit: 1 << 24), as: UTF8.self)
    } catch {
      if case .missing = error { return nil }
      throw .input(error)
    }
    let remedy = "segment again, or delete the log: then the labels of the configuration are used"
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch {
      throw .invalid(file: file, problem: "it is not YAML", expected: remedy)
    }
    guard let mapping = root?["labels"]?.mapping else { throw .invalid(file: file, problem: "labels is missing", expected: remedy) }
    labels = try mapping.map { key, value throws(CopickError) in
      guard let name = key.scalar?.string, let label = value.scalar.flatMap({ Int($0.string) }), label > 0 else {
        throw .invalid(file: file, problem: "labels: '\(key.scalar?.string ?? "")' has no label from 1 on", expected: remedy)
      }
      return ModelConfiguration.Label(name: name, value: label)
    }
    weights = root?["model"]?["weights"]?.sequence.map { $0.compactMap(\.scalar?.string) }
    let inputs = root?["inputs"]
    tomogramType = inputs?["tomo_alg"]?.scalar?.string
    spacing = (inputs?["voxel_size"]?.scalar?.string).flatMap { Double($0) }.flatMap { $0.isFinite && $0 > 0 ? VoxelSpacing($0) : nil }
  }
}
