import Testing

@Suite struct `Checking themes` {
  private let folder = TemporaryFolder()

  private func check(_ words: String...) throws -> Outcome {
    try RunningProgram(["theme", "check"] + words, environment: ["XDG_CONFIG_HOME": folder / "config"]).wait()
  }

  @Test func `finds nothing in the built-in ones`() throws {
    let all = try check()
    all.expect(0)
    #expect(
      all.out
        == ["contrast", "cvd-dark", "cvd-light", "dark", "light", "mono", "terminal"].map { $0 + ": ok\n" }.joined())
  }

  @Test func `reads the user's themes by name and any by path`() throws {
    _ = try folder.write("config/cortado/themes/mine.theme", "inherits = dark\npalette.good = 79\n")
    let bad = try folder.write(
      "grey.theme", "inherits = mine\ntext = fg #777777, bg #ffffff\nmetric.good = fg #c86040\n")
    try check("mine").expect(0)
    #expect(try check().out.contains("mine: ok"))
    // #777777 on white is 4.48:1, the near miss that WCAG 2.1 is known for.
    let outcome = try check(bad)
    outcome.expect(5, says: "findings in grey")
    #expect(outcome.out.contains("grey: text: contrast 4.4:1 is under 4.5:1"))
  }

  @Test func `of one ground finds pairs that fall together, and wants more of contrast themes`() throws {
    // Red and green of one lightness.
    let pair = try folder.write(
      "pair.theme",
      "inherits = mono\ntext = fg #ffffff, bg #000000\ndelta.better = fg #b0b000\ndelta.worse = fg #b0b000\n")
    let together = try check(pair, "--json")
    together.expect(5)
    #expect(
      try together.json[0]["findings"].strings.contains { $0.hasPrefix("delta.better and delta.worse look alike") })
    // 5.3:1 would do elsewhere: #767676 has 4.54:1 on white, so 4.63:1 on black (21 / 4.54).
    let strict = try folder.write("strict.theme", "inherits = contrast\ntext.dim = fg #767676\n")
    let outcome = try check(strict)
    outcome.expect(5)
    #expect(outcome.out.contains("strict: text.dim: contrast 4.6:1 is under 7.0:1"))
  }

  @Test func `tells the place of an unknown role, and near names`() throws {
    let wrong = try folder.write("wrong.theme", "inherits = dark\nmetrik.bad = fg 1\n")
    try check(wrong).expect(3, says: "wrong.theme:2:1: error: unknown role 'metrik.bad'", "did you mean 'metric.bad'?")
    try check("drak").expect(3, says: "there is no theme 'drak'", "did you mean 'dark'?")
    try check(folder / "none.theme").expect(3, says: "none.theme: error: cannot read this file")
  }
}
