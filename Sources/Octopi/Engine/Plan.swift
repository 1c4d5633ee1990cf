import Graph
import Kernels

/// How a graph runs for one input shape: steps in order over one arena.
public struct Plan: Sendable {}
