import Foundation
import TestSupport

/// A project whose answer is known: voxels above two standard deviations are a ribosome, whatever the windows.
struct TinyProject {
  let folder: TemporaryFolder

  /// Where runs have their tomograms.
  static func tomogram(_ run: String, spacing: String = "10.000") -> String {
    "static/ExperimentRuns/\(run)/VoxelSpacing\(spacing)/wbp.zarr"
  }

  /// - radius: of the object, in ångström.
  init(radius: Double = 50) throws {
    folder = try TemporaryFolder()
    try folder.write(
      """
      {"config_type": "filesystem", "overlay_root": "overlay", "static_root": "static",
       "pickable_objects": [{"name": "ribosome", "is_particle": true, "label": 1, "radius": \(radius)}]}
      """, to: "config.json")
    try folder.write("model:\n  num_classes: 2\n  dim_in: 16\nlabels:\n  ribosome: 1\n", to: "model.yaml")
    try write(Self.threshold(), to: "model.onnx")
  }

  static let segment = ["segment", "-c", "config.json", "-mc", "model.yaml", "-mw", "model.onnx"]
  static let localize = ["localize", "-c", "config.json"]

  /// One convolution of one voxel: logits 0 and x - 2.
  static func threshold(window: ONNXValue.Dim = 16) -> ONNXModel { pointwise([0, 1], [0, -2], window: window) }

  /// One convolution of one voxel: logits `weights[c] * x + bias[c]`.
  static func pointwise(_ weights: [Float], _ bias: [Float], window: ONNXValue.Dim = 16) -> ONNXModel {
    let size: [ONNXValue.Dim] = [window, window, window], classes = weights.count
    return ONNXModel(
      ONNXGraph(
        [ONNXNode("Conv", ["input", "w", "b"], ["logits"])], inputs: [ONNXValue("input", ["batch", 1] + size)],
        outputs: [ONNXValue("logits", ["batch", .value(Int64(classes))] + size)],
        initialisers: [.floats("w", [classes, 1, 1, 1, 1], weights), .floats("b", [classes], bias)]))
  }

  func write(_ model: ONNXModel, to name: String) throws { try write(model.bytes, to: name) }

  func write(_ bytes: [UInt8], to name: String) throws {
    try folder.write("", to: name)
    try Data(bytes).write(to: URL(filePath: folder.path(name)))
  }

  /// 24 x 28 x 32 voxels (z, y, x) of 0 with a ball of 200, radius 4 voxels, at (12, 14, 16): 257 voxels, one pick.
  static let ball: [Float] = (0..<24 * 28 * 32).map { index in
    let z = index / (28 * 32) - 12, y = index / 32 % 28 - 14, x = index % 32 - 16
    return z * z + y * y + x * x <= 16 ? 200 : 0
  }

  /// Adds a tomogram as one raw chunk.
  /// - type: NumPy's, `<f4`.
  func add(
    _ run: String, _ bytes: [UInt8], shape: [Int] = [24, 28, 32], type: String = "<f4", spacing: String = "10.000", attributes: String? = nil
  ) throws {
    let store = Self.tomogram(run, spacing: spacing)
    try folder.write("{\"zarr_format\": 2}", to: store + "/.zgroup")
    if let attributes { try folder.write(attributes, to: store + "/.zattrs") }
    try folder.write(Self.metadata(shape, chunks: shape, type: type), to: store + "/0/.zarray")
    try write(bytes, to: store + "/0/" + Array(repeating: "0", count: shape.count).joined(separator: "/"))
  }

  static func metadata(_ shape: [Int], chunks: [Int], type: String, order: String = "C", separator: String = "/") -> String {
    """
    {"zarr_format": 2, "shape": \(shape), "chunks": \(chunks), "dtype": "\(type)", "compressor": null, "fill_value": 0, "order": "\(order)",
     "filters": null, "dimension_separator": "\(separator)"}
    """
  }

  /// The store of a run's labels.
  func labels(_ run: String, spacing: String = "10.000") -> String {
    folder.path("overlay/ExperimentRuns/\(run)/Segmentations/\(spacing)_octopi_1_predict-multilabel.zarr")
  }
}
