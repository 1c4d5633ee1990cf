/// A volume and a network whose answer is known: 24 x 28 x 32 voxels of 0, a ball of 200 with a radius of 4 voxels at (12, 14, 16), and a
/// network that finds normalised voxels above 2. 257 voxels; at 10 A one pick at (160, 140, 120).
public enum BallCase {
  public static let size = [24, 28, 32]
  public static let ballVoxels = 257

  /// Row-major, 0 and 200.
  public static let values: [UInt8] = {
    var values: [UInt8] = []
    for z in 0..<size[0] {
      for y in 0..<size[1] {
        for x in 0..<size[2] {
          values.append((z - 12) * (z - 12) + (y - 14) * (y - 14) + (x - 16) * (x - 16) <= 16 ? 200 : 0)
        }
      }
    }
    return values
  }()

  /// The volume in each type that MRC files hold, by the name of the case.
  public static let encodings: [(name: String, header: MRCBytes, values: [UInt8])] = [
    ("signed", mrc(0, imodFlags: 1), values.map { $0 &- 128 }), ("unsigned", mrc(0, imodFlags: 0), values),
    ("signed-unmarked", mrc(0), values.map { $0 &- 128 }), ("mode6", mrc(6), values.flatMap { [$0, 0] }), ("mode1", mrc(1), values.flatMap { [$0, 0] }),
    ("mode2", mrc(2), littleEndianBytes(values.map(Float.init))),
    // 200 as a half: exponent 7, fraction 0.5625.
    ("mode12", mrc(12), values.flatMap { $0 == 200 ? [0x40, 0x5A] as [UInt8] : [0, 0] }),
  ]

  public static func mrc(_ mode: Int, imodFlags: Int? = nil) -> MRCBytes {
    var header = MRCBytes(size: size, mode: mode)
    header.imodFlags = imodFlags
    return header
  }

  /// Conv 1 x 1 x 1 from one channel to two, weights 0 and 1, bias 0 and -2.
  public static let model: [UInt8] = ONNXModel(
    ONNXGraph(
      [ONNXNode("Conv", ["input", "w", "b"], ["logits"])], inputs: [ONNXValue("input", ["batch", 1, 16, 16, 16])],
      outputs: [ONNXValue("logits", ["batch", 2, 16, 16, 16])],
      initialisers: [.floats("w", [2, 1, 1, 1, 1], [0, 1]), .floats("b", [2], [0, -2])])
  ).bytes

  public static let configuration = "model: {dim_in: 16, num_classes: 2}\nlabels: {ribosome: 1}\n"

  /// Writes `thr.onnx` and `thr.yaml`.
  public static func writeModel(to folder: TemporaryFolder) throws {
    try folder.write(model, to: "thr.onnx")
    try folder.write(configuration, to: "thr.yaml")
  }
}
