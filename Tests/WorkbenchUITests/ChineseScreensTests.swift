import Foundation
import QuantEngine
import Quantization
import ScreenTesting
import Testing

@testable import WorkbenchUI

/// The screens in simplified Chinese: goldens that were read by hand, and that nothing the program says is left in English.
@Suite("Chinese screens") struct ChineseScreensTests {
  private static func chinese(_ driver: ScreenDriver<AppModel>) -> ScreenDriver<AppModel> {
    var driver = driver
    driver.press(":")
    driver.type("lang zh")
    driver.press("Enter")
    driver.advance(by: .seconds(7))
    return driver
  }

  @Test(arguments: ["80x24", "120x40"]) func `layers and a layer's settings`(_ size: String) throws {
    var driver = Self.chinese(try Shapes.driver(size, runs: [Shapes.run(1, Shapes.defaults)]))
    driver.press("j j j b Enter")
    try driver.expect("app/detail-zh-\(size)")
  }

  @Test func `a recipe`() throws {
    let driver = Self.chinese(try Shapes.driver(recipe: RecipeScreenTests.text, "80x24"))
    var form = driver
    form.press("3 j j Enter")
    try form.expect("recipe/tree-zh")
    var empty = Self.chinese(try Shapes.driver("80x24"))
    empty.press("3")
    try empty.expect("recipe/empty-zh")
  }

  @Test func `a run under way, and one that is done`() throws {
    var driver = Self.chinese(try Shapes.driver("80x24"))
    driver.press("r Enter")
    driver.send(.news(.started(run: 1)))
    driver.send(.news(.events(Shapes.events(until: .searching))))
    driver.advance(by: .seconds(41))
    try driver.expect("app/run-zh")
    driver.send(.news(.ended(Shapes.run(1, Shapes.repaired), status: 0, output: "")))
    #expect(driver.screen.contains("运行 1 完成，输出 cos 0.99960，0 层低于 0.99: 5 比较"))
  }

  @Test(arguments: ["80x24", "120x40"]) func `two runs compared`(_ size: String) throws {
    var driver = Self.chinese(try Shapes.driver(size, runs: ComparedShapes.both))
    driver.press("5")
    try driver.expect("app/compare-zh-\(size)")
  }

  @Test func `the ranking and what can be tried`() throws {
    let run = Shapes.run(1, Shapes.defaults, config: try Shapes.project().config)
    var driver = Self.chinese(try Shapes.driver("80x24", runs: [run]))
    driver.press("6 g space P space k")
    try driver.expect("app/tune-zh")
    driver.press("l")
    try driver.expect("app/ladder-zh")
  }

  @Test func `the list of runs`() throws {
    var driver = Self.chinese(try RunsScreenTests.driver("80x24"))
    driver.press("a G b")
    try driver.expect("app/runs-zh")
  }

  @Test func `what is asked before a run`() throws {
    var driver = Self.chinese(try Shapes.driver("80x24", runs: [Shapes.run(1, Shapes.defaults)]))
    driver.press("r")
    try driver.expect("app/start-zh")
  }

  /// A layer, a blob, a file called like a word of the program keeps its name.
  @Test func `names stay`() throws {
    let sentences = Strings.chinese.sentences
    for name in ["config", "data", "output", "input", "run", "net", "layer", "file", "done"] {
      var canvas = Canvas(Size(columns: 60, rows: 4), sentences: sentences)
      canvas.put(name, in: canvas.bounds)
      canvas.put([Span(name), Span(" \(name)")], in: canvas.bounds, line: 1)
      canvas.put("Ladder of \(name)", in: canvas.bounds, line: 2)
      #expect(canvas.lines == [name, "\(name) \(name)", "\(name) 的调优阶梯", ""])
    }
  }

  /// Parts of sentences that are looked up as a whole, and what is the same in every language.
  private static let parts: Set<String> = [
    "{} is not in ScreenCatalog", "{}: found", "stage {}", "scale {}", "clip {} .. {}", "{}: reused", "{}{} (u undoes)",
    "before a layer was finished", "finished layer", "its {} are kept", "and reuses them",
    "run {} died{}{}: r runs again{}", "ended with status {}", "{} {}, output cos {},", "{} under {}: 5 compares",
    "{} was cancelled", "; its {} are kept: r reuses them", "{} failed: {} (8 shows all)", "no marked layer takes {}{}",
    "{}: nothing changed{}", ", {} refused: {}", ", 8 lists them", ", still float: x quantises it",
    "{}: num_bits {} -> {}{}", "and recipe.cfg", "saved: {}{}", "{}: {} layers, {} quantised,", "{} parameters, {} MAC",
    "line {}:", "the recipe cannot be applied: {}{}", "CORTADO  {}", "run {}{}: {}", "{} not run yet",
    "{}; u undoes: {}",
    "run {}{}", "local cos", "chain SQNR dB", "chain MSE", "chain max|err|", "local SQNR dB", "{}below {}: {}",
    "(was {})",
    "first drop {}{}", ", own step {} (estimate)", "{} calibration image{}",
    "small losses add up; this layer's is the largest so far, {}",
    "small losses add up; the largest before it is {}'s, {}", "filters are {}", "for example {}",
    "for example chain<.99", "numbers are {}", "for example {}{}{}", "num_bits -> {}", "{}: num_bits {}", "; near: {}",
    "the filter '{}' finds nothing{}", "column {}:", "histogram (log count)", ", about {} s by run {}",
    "{} tries take long{}", "run {}, chain out {},", "more row", "measure {}", "look at the {} under {}",
    ", and {} more", "type {}", "layer rule", "not fused", "the same", "against the config: {}", "{} on {}", "MAC int8",
    "top1 {}", "other data", "same settings as run", "{}, {} of {} quantised", "{} params  {} MAC", "config set",
    "layer float", "layer quant", "layer bits", "runs restore", "images skip", "images all",
    "recipe lift", "[FILTER] FIELD VALUE", "FILTER BITS", "[TERM ..]", "[screen|file] LEVEL", "[RUN] PREFIX",
    "mouse {}", "{} layer with weights", "failed layer", "a recipe cannot express", "lifted into the recipe: {}{}",
    "marked layer", "more layer", "other setting", "other layer", "{}% MAC out of int8, at most",
    "cortado MODEL.prototxt WEIGHTS.caffemodel --images FOLDER", "cd {} && cortado {}", "--project {}",
    "cortado runs diff {} {}{}", "cortado runs show {}{}", "cortado config set {} --config {}\n",
    "run {} failed, status {}\n",
  ]

  /// What is drawn by itself and has a meaning of its own in every language.
  private static let signs: Set<String> = ["Enter", "Esc", "Tab", "Space", "space", "cos", "chain", "error:", "ok"]

  @Test(arguments: [
    "Screens", "Sheets", "Compare", "Tune", "Prompts", "Widgets", "App", "Layers", "History", "Filter", "Palette",
  ]) func `every sentence of the sources is in the catalogue`(_ folder: String) throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Sources/WorkbenchUI/\(folder)")
    let files = try FileManager.default.contentsOfDirectory(at: root, includingPropertiesForKeys: nil)
    #expect(!files.isEmpty)
    let sentences = Strings.chinese.sentences
    for file in files where file.pathExtension == "swift" {
      for literal in SourceLiterals(try String(contentsOf: file, encoding: .utf8)).found {
        let core = literal.key.trimmingCharacters(in: CharacterSet(charactersIn: " "))
        let words = core.replacing("{}", with: " ").split { !$0.isLetter }.filter { $0.count > 1 }
        let isDrawn =
          literal.before.hasSuffix("Span(") || literal.before.hasSuffix(" put(")
          || literal.before.hasSuffix(".put(")
        if words.isEmpty || !(core.contains(" ") || isDrawn) {
          continue
        }
        let isKnown = sentences.knows(core) || Self.parts.contains(core) || Self.signs.contains(core)
        #expect(isKnown, "\(file.lastPathComponent):\(literal.line): no Chinese for '\(core)'")
      }
    }
  }
}
