import Testing

extension Tag {
  @Tag static var `operator`: Self
}
