/// Arithmetic, comparison, logic and conversion, element by element.
enum Elementwise {
  static let operators = [
    Add.declaration, Sub.declaration, Mul.declaration, Div.declaration, Mod.declaration, Pow.declaration,
    Max.declaration, Min.declaration, Sum.declaration, Mean.declaration,
    Equal.declaration, Greater.declaration, GreaterOrEqual.declaration, Less.declaration, LessOrEqual.declaration,
    And.declaration, Or.declaration, Xor.declaration, Not.declaration, IsNaN.declaration, IsInf.declaration, Where.declaration,
    Cast.declaration, CastLike.declaration,
    Abs.declaration, Neg.declaration, Sign.declaration, Reciprocal.declaration, Floor.declaration, Ceil.declaration, Round.declaration,
    Sqrt.declaration, Exp.declaration, Log.declaration,
    Sin.declaration, Cos.declaration, Tan.declaration, Asin.declaration, Acos.declaration, Atan.declaration,
    Sinh.declaration, Cosh.declaration, Asinh.declaration, Acosh.declaration, Atanh.declaration,
  ]
}
