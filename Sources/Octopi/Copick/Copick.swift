enum Copick {}
