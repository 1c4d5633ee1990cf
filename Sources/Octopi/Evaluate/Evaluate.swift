enum Evaluate {}
