import Testing

extension Tag {
  @Tag static var `operator`: Self
  @Tag static var pass: Self
}
