import KernelTable

@inline(__always)
func elementwiseKernels() -> ElementwiseKernels {
  ElementwiseKernels(
    add: { combineRows(Add.self, $0, $1, 0, $2, 0, $3) },
    unary: { unaryKernel($0) },
    binary: { binaryKernel($0) })
}

/// One loop a function, compiled for it; chosen when a plan is made, so no loop decides anything.
private func unaryKernel(_ function: UnaryFunction) -> ElementwiseKernels.Unary {
  switch function {
  case .neg: { mapRow(Neg.self, $0, $1, $2, $3, $4) }
  case .abs: { mapRow(Abs.self, $0, $1, $2, $3, $4) }
  case .sqrt: { mapRow(Sqrt.self, $0, $1, $2, $3, $4) }
  case .reciprocal: { mapRow(Reciprocal.self, $0, $1, $2, $3, $4) }
  case .square: { mapRow(Square.self, $0, $1, $2, $3, $4) }
  case .exp: { mapRow(Exp.self, $0, $1, $2, $3, $4) }
  case .log: { mapRow(Log.self, $0, $1, $2, $3, $4) }
  case .sin: { mapRow(Sin.self, $0, $1, $2, $3, $4) }
  case .cos: { mapRow(Cos.self, $0, $1, $2, $3, $4) }
  case .tanh: { mapRow(Tanh.self, $0, $1, $2, $3, $4) }
  case .erf: { mapRow(Erf.self, $0, $1, $2, $3, $4) }
  case .sign: { mapRow(Sign.self, $0, $1, $2, $3, $4) }
  case .floor: { mapRow(Floor.self, $0, $1, $2, $3, $4) }
  case .ceil: { mapRow(Ceil.self, $0, $1, $2, $3, $4) }
  case .round: { mapRow(Round.self, $0, $1, $2, $3, $4) }
  case .sigmoid: { mapRow(Sigmoid.self, $0, $1, $2, $3, $4) }
  case .relu: { mapRow(Relu.self, $0, $1, $2, $3, $4) }
  case .leakyRelu: { mapRow(LeakyRelu.self, $0, $1, $2, $3, $4) }
  case .elu: { mapRow(Elu.self, $0, $1, $2, $3, $4) }
  case .selu: { mapRow(Selu.self, $0, $1, $2, $3, $4) }
  case .celu: { mapRow(Celu.self, $0, $1, $2, $3, $4) }
  case .thresholdedRelu: { mapRow(ThresholdedRelu.self, $0, $1, $2, $3, $4) }
  case .hardSigmoid: { mapRow(HardSigmoid.self, $0, $1, $2, $3, $4) }
  case .hardSwish: { mapRow(HardSwish.self, $0, $1, $2, $3, $4) }
  case .softplus: { mapRow(Softplus.self, $0, $1, $2, $3, $4) }
  case .softsign: { mapRow(Softsign.self, $0, $1, $2, $3, $4) }
  case .mish: { mapRow(Mish.self, $0, $1, $2, $3, $4) }
  case .silu: { mapRow(Silu.self, $0, $1, $2, $3, $4) }
  case .gelu: { mapRow(Gelu.self, $0, $1, $2, $3, $4) }
  case .geluTanh: { mapRow(GeluTanh.self, $0, $1, $2, $3, $4) }
  case .clip: { mapRow(Clip.self, $0, $1, $2, $3, $4) }
  }
}

private func binaryKernel(_ function: BinaryFunction) -> ElementwiseKernels.Binary {
  switch function {
  case .add: { combineRows(Add.self, $0, $1, $2, $3, $4, $5) }
  case .sub: { combineRows(Sub.self, $0, $1, $2, $3, $4, $5) }
  case .mul: { combineRows(Mul.self, $0, $1, $2, $3, $4, $5) }
  case .div: { combineRows(Div.self, $0, $1, $2, $3, $4, $5) }
  case .pow: { combineRows(Pow.self, $0, $1, $2, $3, $4, $5) }
  case .max: { combineRows(Max.self, $0, $1, $2, $3, $4, $5) }
  case .min: { combineRows(Min.self, $0, $1, $2, $3, $4, $5) }
  case .prelu: { combineRows(PRelu.self, $0, $1, $2, $3, $4, $5) }
  }
}
