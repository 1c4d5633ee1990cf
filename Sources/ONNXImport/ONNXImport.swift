import Graph

/// Reads ONNX bytes into a `Graph`.
public enum ONNXImport {
}
