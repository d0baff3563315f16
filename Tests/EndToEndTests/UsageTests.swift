import ScreenTesting
import Testing

@Suite struct `Wrong usage` {
  private let folder = TemporaryFolder()

  /// Verbs as a help page lists them.
  private static func verbs(_ path: [String] = []) throws -> [[String]] {
    let help = try cortado(path + ["--help"]).out
    guard let list = help.components(separatedBy: "SUBCOMMANDS:\n").dropFirst().first else { return [path] }
    let names = list.split(separator: "\n", omittingEmptySubsequences: false).prefix { !$0.isEmpty }.compactMap {
      line in
      line.hasPrefix("  ") && !line.hasPrefix("   ") ? line.split(separator: " ").first.map(String.init) : nil
    }
    return try (path.isEmpty ? [] : [path]) + names.filter { $0 != "help" }.flatMap { try verbs(path + [$0]) }
  }

  @Test func `every verb's help has an example`() throws {
    let verbs = try Self.verbs()
    let expected = [
      "open", "inspect", "config", "config init", "config check", "config get", "config set", "config diff", "quantize",
      "compare", "evaluate", "forward", "bench", "factors", "runs list", "runs show", "runs diff", "runs restore",
      "runs rename", "runs pin", "runs unpin", "runs delete", "job list", "job attach", "job pause", "job resume",
      "job cancel", "report", "save", "theme check",
    ]
    #expect(Set(verbs.map { $0.joined(separator: " ") }).isSuperset(of: expected))
    for verb in verbs {
      let help = try cortado(verb + ["--help"])
      help.expect(0)
      #expect(help.out.contains("Example: cortado \(verb.joined(separator: " "))"), "\(verb)")
    }
  }

  @Test(arguments: [("quantise", "quantize"), ("comapre", "compare"), ("inspet", "inspect")])
  func `a word near a verb is answered with the verb`(_ typed: String, _ verb: String) throws {
    try cortado(typed, "net.prototxt").expect(
      64, says: "'\(typed)' is neither a verb nor a file", "did you mean '\(verb)'?")
  }

  @Test func `a word behind a verb is answered with that verb's own`() throws {
    try cortado("config", "chek").expect(64, says: "no verb of cortado config", "did you mean 'check'?")
    try cortado("job", "puase", "1").expect(64, says: "did you mean 'pause'?")
    try cortado("--quiet", "theme", "list").expect(64, says: "its verbs are check")
    try cortado("help", "runs", "diff").expect(0)
  }

  @Test(arguments: ["bash", "zsh", "fish"]) func `completion scripts know the verbs`(_ shell: String) throws {
    let script = try cortado("--generate-completion-script", shell)
    script.expect(0)
    for word in ["quantize", "runs", "restore", "attach", "report"] { #expect(script.out.contains(word), "\(word)") }
  }

  @Test func `a word near nothing is no verb either`() throws {
    let outcome = try cortado("xyzzy")
    outcome.expect(64, says: "neither a verb nor a file", "--help")
    #expect(!outcome.err.contains("did you mean"))
  }

  @Test func `the workbench says that it needs a terminal`() throws {
    for arguments in [Sample.digits.model, ["open"] + Sample.digits.model, []] {
      let outcome = try cortado(arguments)
      outcome.expect(64, says: "terminal")
      #expect(outcome.out.isEmpty)
    }
  }

  @Test func `flags are checked before anything is read`() throws {
    let model = Sample.digits.model
    try cortado(["quantize"] + model + ["--bogus"]).expect(64, says: "--bogus")
    try cortado(["quantize", model[0]]).expect(64, says: "weights.caffemodel")
    try cortado(["quantize"] + model).expect(64, says: "give --images or --input")
    try cortado(["quantize"] + model + ["--images", "x", "--batch-num", "0"]).expect(64, says: "batch_num")
    try cortado(["quantize"] + model + ["--images", "x", "--memory", "lots"]).expect(64, says: "--memory")
    try cortado(["quantize"] + model + ["--images", "x", "--type", "All"]).expect(64, says: "Fakequant")
    try cortado(["forward"] + model + ["--input", "data=0", "--out", folder / "x", "--threads", "0"])
      .expect(64, says: "--threads")
    try cortado(["inspect"] + model + ["--input-shape", "data=1,x"]).expect(64, says: "--input-shape")
    try cortado(["inspect"] + model + ["--input-shape", "data=9223372036854775807,2"]).expect(64, says: "--input-shape")
    try cortado(["quantize"] + model + Sample.digits.calibration + ["--out", String(repeating: "x", count: 242)])
      .expect(64, says: "less than 242")
    try cortado(["quantize"] + model + Sample.digits.calibration + ["--config", "a", "--recipe", "b"])
      .expect(64, says: "--config or --recipe")
    #expect(folder.names().isEmpty)
  }

  @Test func `a mean may begin with a minus`() throws {
    let out = ["--out", folder / "out", "--dump", "blobs"]
    let images = ["--images", Sample.shapes / "evaluation.npy", "--limit", "1"]
    try cortado(["forward"] + Sample.shapes.model + images + ["--mean", "-1,2,3"] + out).expect(0)
    let grey = ["--images", Sample.digits / "evaluation.npy", "--limit", "1"]
    try cortado(["forward"] + Sample.digits.model + grey + ["--mean", "-1,2,3"] + out)
      .expect(3, says: "3 values", "1 channels")
  }
}
