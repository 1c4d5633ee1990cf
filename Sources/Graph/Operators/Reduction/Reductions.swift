#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The sum; 0 of nothing (ONNX ReduceSum 1, 11, 13).
public struct ReduceSum: Reduction {
  public let axes: ReducedAxes
  public static let declaration = declare("ReduceSum", opsets: [1, 11, 13], axesAreInputFrom: 13)
  public init(axes: ReducedAxes) { self.axes = axes }
  public static func reduce(_ values: [Double]) -> Double { values.reduce(0, +) }
  public static func reduce(_ values: [Int64], element: ElementType) -> Int64 { values.reduce(0, &+) }
}

/// The mean; NaN of nothing, for integers 0 (ONNX ReduceMean 1, 11, 13, 18). The mean of integers is cut to its whole part.
public struct ReduceMean: Reduction {
  public let axes: ReducedAxes
  public static let declaration = declare("ReduceMean", opsets: [1, 11, 13, 18])
  public init(axes: ReducedAxes) { self.axes = axes }
  public static func reduce(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
  public static func reduce(_ values: [Int64], element: ElementType) -> Int64 {
    let sum = values.reduce(0, &+), count = max(1, Int64(values.count))
    return element == .uint64 ? Int64(bitPattern: UInt64(bitPattern: sum) / UInt64(count)) : sum / count
  }
}

/// The largest; NaN wins; of nothing minus infinity or the least integer (ONNX ReduceMax 1, 11, 12, 13, 18, 20).
public struct ReduceMax: Reduction {
  public let axes: ReducedAxes
  public static let declaration = declare("ReduceMax", opsets: [1, 11, 12, 13, 18, 20], elements: ElementType.all)
  public init(axes: ReducedAxes) { self.axes = axes }
  public static func reduce(_ values: [Double]) -> Double { values.reduce(-.infinity) { $1 > $0 || $1.isNaN ? $1 : $0 } }
  public static func reduce(_ values: [Int64], element: ElementType) -> Int64 {
    values.reduce(element.integerLimits.least) { element.isBelow($0, $1) ? $1 : $0 }
  }
}

/// The smallest; NaN wins; of nothing infinity or the largest integer (ONNX ReduceMin 1, 11, 12, 13, 18, 20).
public struct ReduceMin: Reduction {
  public let axes: ReducedAxes
  public static let declaration = declare("ReduceMin", opsets: [1, 11, 12, 13, 18, 20], elements: ElementType.all)
  public init(axes: ReducedAxes) { self.axes = axes }
  public static func reduce(_ values: [Double]) -> Double { values.reduce(.infinity) { $1 < $0 || $1.isNaN ? $1 : $0 } }
  public static func reduce(_ values: [Int64], element: ElementType) -> Int64 {
    values.reduce(element.integerLimits.largest) { element.isBelow($1, $0) ? $1 : $0 }
  }
}

/// The product; 1 of nothing (ONNX ReduceProd 1, 11, 13, 18).
public struct ReduceProd: Reduction {
  public let axes: ReducedAxes
  public static let declaration = declare("ReduceProd", opsets: [1, 11, 13, 18])
  public init(axes: ReducedAxes) { self.axes = axes }
  public static func reduce(_ values: [Double]) -> Double { values.reduce(1, *) }
  public static func reduce(_ values: [Int64], element: ElementType) -> Int64 { values.reduce(1, &*) }
}

/// The sum of magnitudes; 0 of nothing (ONNX ReduceL1 1, 11, 13, 18).
public struct ReduceL1: Reduction {
  public let axes: ReducedAxes
  public static let declaration = declare("ReduceL1", opsets: [1, 11, 13, 18])
  public init(axes: ReducedAxes) { self.axes = axes }
  public static func reduce(_ values: [Double]) -> Double { values.reduce(0) { $0 + abs($1) } }
  public static func reduce(_ values: [Int64], element: ElementType) -> Int64 {
    values.reduce(0) { element == .uint64 ? $0 &+ $1 : $0 &+ Int64(truncatingIfNeeded: $1.magnitude) }
  }
}

/// The root of the sum of squares; 0 of nothing (ONNX ReduceL2 1, 11, 13, 18). That of integers is cut to its whole part.
public struct ReduceL2: Reduction {
  public let axes: ReducedAxes
  public static let declaration = declare("ReduceL2", opsets: [1, 11, 13, 18])
  public init(axes: ReducedAxes) { self.axes = axes }
  public static func reduce(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
  public static func reduce(_ values: [Int64], element: ElementType) -> Int64 {
    element.truncating(reduce(element.doubles(values)))
  }
}

/// The sum of squares; 0 of nothing (ONNX ReduceSumSquare 1, 11, 13, 18).
public struct ReduceSumSquare: Reduction {
  public let axes: ReducedAxes
  public static let declaration = declare("ReduceSumSquare", opsets: [1, 11, 13, 18])
  public init(axes: ReducedAxes) { self.axes = axes }
  public static func reduce(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 } }
  public static func reduce(_ values: [Int64], element: ElementType) -> Int64 { values.reduce(0) { $0 &+ $1 &* $1 } }
}

/// The logarithm of the sum; minus infinity of nothing (ONNX ReduceLogSum 1, 11, 13, 18, 28). That of integers is cut to its whole part.
public struct ReduceLogSum: Reduction {
  public let axes: ReducedAxes
  public static let declaration = declare("ReduceLogSum", opsets: [1, 11, 13, 18, 28])
  public init(axes: ReducedAxes) { self.axes = axes }
  public static func reduce(_ values: [Double]) -> Double { log(values.reduce(0, +)) }
  public static func reduce(_ values: [Int64], element: ElementType) -> Int64 {
    element.truncating(reduce(element.doubles(values)))
  }
}

/// The logarithm of the sum of exponentials, without overflow; minus infinity of nothing (ONNX ReduceLogSumExp 1, 11, 13, 18, 28). That of
/// integers is cut to its whole part.
public struct ReduceLogSumExp: Reduction {
  public let axes: ReducedAxes
  public static let declaration = declare("ReduceLogSumExp", opsets: [1, 11, 13, 18, 28])
  public init(axes: ReducedAxes) { self.axes = axes }
  public static func reduce(_ values: [Double]) -> Double {
    let largest = ReduceMax.reduce(values)
    guard largest.isFinite else { return largest }  // also: nothing, or infinities, of which the largest is the answer
    return largest + log(values.reduce(0) { $0 + exp($1 - largest) })
  }
  public static func reduce(_ values: [Int64], element: ElementType) -> Int64 {
    element.truncating(reduce(element.doubles(values)))
  }
}

extension ElementType {
  /// Integers of this type, as `Tensor` holds them, as doubles.
  fileprivate func doubles(_ integers: [Int64]) -> [Double] {
    Tensor(TensorType(self, [integers.count]), .integers(integers)).doubles
  }
}
