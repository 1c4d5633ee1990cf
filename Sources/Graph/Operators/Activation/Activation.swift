/// Functions that networks put between their layers.
enum Activation {
  static let operators = [
    Relu.declaration, LeakyRelu.declaration, PRelu.declaration, ThresholdedRelu.declaration, Shrink.declaration, Clip.declaration,
    HardSigmoid.declaration, HardSwish.declaration, Elu.declaration, Celu.declaration, Selu.declaration, Sigmoid.declaration,
    Tanh.declaration, Softplus.declaration, Softsign.declaration, Erf.declaration, Gelu.declaration, Mish.declaration, Swish.declaration,
  ]
}
