/// An operator of two operands says whether they broadcast as in NumPy, aligned at the last axis; before opset 7 ONNX had another rule.
public protocol AlignedBroadcasting: Operator {
  var alignsLastAxes: Bool { get }
}

extension Add: AlignedBroadcasting { public var alignsLastAxes: Bool { oldBroadcast == nil } }
extension Sub: AlignedBroadcasting { public var alignsLastAxes: Bool { oldBroadcast == nil } }
extension Mul: AlignedBroadcasting { public var alignsLastAxes: Bool { oldBroadcast == nil } }
extension Div: AlignedBroadcasting { public var alignsLastAxes: Bool { oldBroadcast == nil } }
extension Pow: AlignedBroadcasting { public var alignsLastAxes: Bool { oldBroadcast == nil } }
