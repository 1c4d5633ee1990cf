enum Localize {}
