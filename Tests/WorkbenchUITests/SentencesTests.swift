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

  @Test func `titles are known by what stands before the colon`() {
    #expect(Strings.chinese.title("Layers: type:Conv (3 of 46)") == "层: type:Conv (3 of 46)")
    #expect(Strings.english.title("Layers: x") == "Layers: x")
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
