/// What an exit code means.
struct ExitMeaning {
  let codes: String
  let meaning: String

  /// All codes that the program ends with, those of sysexits.h and of signals.
  static let all: [ExitMeaning] = [
    ExitMeaning(codes: "0", meaning: "done"),
    ExitMeaning(codes: "3", meaning: "some runs failed, the others are complete"),
    ExitMeaning(codes: "64", meaning: "wrong usage"),
    ExitMeaning(codes: "65", meaning: "an input is damaged or of the wrong kind"),
    ExitMeaning(codes: "66", meaning: "an input is missing"),
    ExitMeaning(codes: "69", meaning: "not supported"),
    ExitMeaning(codes: "70", meaning: "a defect of octopi"),
    ExitMeaning(codes: "73", meaning: "an output exists or cannot be made"),
    ExitMeaning(codes: "74", meaning: "reading or writing failed"),
    ExitMeaning(codes: "75", meaning: "another process is writing the same"),
    ExitMeaning(codes: "130, 143", meaning: "interrupted"),
  ]
}

/// What of the environment the program heeds.
struct EnvironmentVariable {
  let name: String
  let meaning: String

  static let all: [EnvironmentVariable] = [
    EnvironmentVariable(name: "OCTOPI_ISA", meaning: "Instruction set: portable, avx2, avx512 or neon (default: the best that the processor has)."),
    EnvironmentVariable(name: "SLURM_CPUS_PER_TASK", meaning: "No more threads than this, unless --threads says otherwise."),
    EnvironmentVariable(name: "NO_COLOR", meaning: "If not empty: no colours."),
    EnvironmentVariable(name: "COLUMNS", meaning: "Width of help texts (default: the terminal's)."),
  ]
}
