import Testing

@testable import WorkbenchUI

/// Sentences by their English.
@Suite("Sentences") struct SentencesTests {
  private let sentences = Sentences([
    ("move", "移动"), ("run {} done, chain out {}", "运行 {} 完成，{}"), ("{} images", "{} 张"), ("run {}: {}", "运行 {}: {}"),
  ])

  @Test(arguments: [
    ("move", "移动"), ("run 12 done, chain out 0.98", "运行 12 完成，0.98"), ("64 images", "64 张"),
    ("run 3: parse: ok", "运行 3: parse: ok"), ("unknown words", "unknown words"), ("run  done", "run  done"), ("", ""),
    ("images", "images"),
  ]) func `words that vary are taken over`(english: String, other: String) { #expect(sentences[english] == other) }

  @Test func `a literal is looked up with its braces, and names in it stay`() {
    let (name, count) = ("config", Int("3") ?? 0)
    let words: Words = "  run \(count): \(name)  "
    #expect(words.english == "  run 3: config  " && sentences[words] == "  运行 3: config  ")
    let chosen: Words = "\(name) \(count > 2 ? "move" : "stay")\(said: "64 images")"
    #expect(sentences[chosen] == "config 移动64 张" && chosen.english == "config move64 images")
    let sum: Words = "run \(1): \(2)" + "move"
    #expect(sentences[sum] == "运行 1: 2移动" && sum.english == "run 1: 2move")
    #expect(Span("move").fit(to: 8).said(sentences) == "移动    " && Span(name).said(Strings.chinese.sentences) == name)
  }

  @Test func `tabs, shared keys and the screens of this catalogue are all in Chinese`() {
    let words = Strings.chinese.sentences
    for type in ScreenCatalog.all {
      #expect(words.has(type.tab.name) && words.has(type.tab.short), "\(type.tab.name)")
    }
    func check<S: Screen>(_ screen: S.Type) {
      for bound in S.bindings + S.everywhere {
        #expect(words.has(bound.help), "\(bound.help)")
        if let footer = bound.footer { #expect(words.has(footer), "\(footer)") }
      }
    }
    check(HomeScreen.self)
    check(LogScreen.self)
    for command in PaletteCommand.all { #expect(words.has(command.help), "\(command.help)") }
  }
}
