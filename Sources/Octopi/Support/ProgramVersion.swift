/// The version of this program and library.
public enum ProgramVersion {
  public static let text = "0.1.0"
}
