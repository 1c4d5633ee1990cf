import ONNXImport
import Testing
