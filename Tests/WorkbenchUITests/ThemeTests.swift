import Diagnostics
import Foundation
import Testing

@testable import WorkbenchUI

@Suite("Theme files") struct ThemeParserTests {
  private func parse(_ text: String) throws -> ThemeFile {
    try ThemeParser.parse(text, file: "my.theme", defaultName: "my")
  }

  @Test func `the example of the documentation is read`() throws {
    let file = try parse(
      """
      name = cvd
      inherits = dark
      palette.blue = #56b4e9 / 74 / cyan      # rgb / 256 / 16
      metric.bad = fg orange, attr bold reverse
      frame = fg default                 # "default" = the terminal's own colour
      #comment
      """)
    #expect(file.name == "cvd")
    #expect(file.inherits?.name == "dark")
    #expect(file.palette["blue"] == .ways(rgb: RGB(0x56, 0xb4, 0xe9), indexed: 74, ansi: 6))
    #expect(file.roles[.metricBad]?.attributes == [.bold, .reverse])
    #expect(file.roles[.frame]?.foreground == .color(.default))
    #expect(file.roles.count == 2)
  }

  @Test func `a star names every role that fits`() throws {
    let file = try parse("job.* = attr dim\njob.failed = attr bold")
    #expect(file.roles.count == 6)
    #expect(file.roles[.jobWait]?.attributes == .dim && file.roles[.jobFailed]?.attributes == .bold)
  }

  /// Line, column (both from 1) and beginning of the message.
  @Test(arguments: [
    ("text = fg 252\nmetrik.bad = fg 1", "my.theme:2:1: error: unknown role 'metrik.bad'"),
    ("text = fg 300", "my.theme:1:11: error: '300' is no colour"),
    ("text = fg #12345", "my.theme:1:11: error: '#12345' is no colour"),
    ("text = fg 1, attr bald", "my.theme:1:19: error: unknown attribute 'bald'"),
    ("text = color 1", "my.theme:1:8: error: expected fg, bg or attr, found 'color'"),
    ("text = fg", "my.theme:1:8: error: a colour is missing after 'fg'"),
    ("palette.x = 1 / 2", "my.theme:1:17: error: '2' says the same once more"),
    ("just words", "my.theme:1:1: error: expected 'key = value'"),
    ("text =", "my.theme:1:1: error: 'text' has no value"),
  ])
  func `errors say where`(_ text: String, _ message: String) {
    let error = #expect(throws: DiagnosticError.self) { try parse(text) }
    #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
  }

  @Test func `near names are offered`() {
    let error = #expect(throws: DiagnosticError.self) { try parse("metrik.bad = fg 1") }
    #expect(error?.description.contains("did you mean 'metric.bad'?") == true)
  }

  @Test func `all errors of a file come at once`() {
    let error = #expect(throws: DiagnosticError.self) { try parse("a = fg 1\nb = fg 2\ntext = fg 900") }
    #expect(error?.diagnostics.count == 3)
  }
}

@Suite("Themes") struct ThemeTests {
  private func library(_ texts: [String: String]) throws -> ThemeLibrary {
    ThemeLibrary(
      try texts.map { try ThemeParser.parse($0.value, file: "\($0.key).theme", defaultName: $0.key) })
  }

  @Test func `a palette of the heir colours the roles of the inherited theme`() throws {
    let library = try library([
      "base": "palette.ink = 1\ntext = fg ink, bg 0\nmark = fg ink", "heir": "inherits = base\npalette.ink = 2",
    ])
    let styles = try library.theme("heir").styles(at: .palette256)
    #expect(styles.style(.mark) == Style(foreground: .indexed(2), background: .indexed(0)))
    #expect(try library.theme("heir").lineage == ["heir", "base"])
  }

  @Test func `a colour that a role does not say is that of text`() throws {
    let library = try library(["t": "text = fg 7, bg 4\ntitle = attr bold\nframe = fg default"])
    let styles = try library.theme("t").styles(at: .palette256)
    #expect(styles.style(.title) == Style(foreground: .indexed(7), background: .indexed(4), attributes: .bold))
    #expect(styles.style(.frame).foreground == .default)
    #expect(styles.style(.logInfo) == styles.style(.text))
  }

  @Test func `an overlay wins where it says something`() throws {
    let library = try library([
      "t": "text = fg 7, bg 4\ncursor = bg 2, attr bold\nmetric.bad = fg 1, attr reverse\nmatch = attr reverse"
    ])
    let styles = try library.theme("t").styles(at: .palette256)
    #expect(
      styles.style(.metricBad, under: .cursor)
        == Style(foreground: .indexed(1), background: .indexed(2), attributes: [.bold, .reverse]))
    // Reverse twice would be plain; bold keeps it apart.
    #expect(styles.style(.metricBad, under: .match).attributes == .bold)
  }

  @Test func `missing ways of a colour are computed`() {
    let red = ThemeColor.ways(rgb: RGB(255, 0, 0), indexed: nil, ansi: nil)
    #expect(red.color(at: .rgb) == .rgb(RGB(255, 0, 0)))
    #expect(red.color(at: .palette256) == .indexed(196))  // 16 + 36 * 5
    #expect(red.color(at: .ansi16) == .indexed(9))
    let number = ThemeColor.ways(rgb: nil, indexed: 21, ansi: nil)  // 16 + 5: pure blue
    #expect(number.color(at: .rgb) == .indexed(21))
    #expect(number.color(at: .ansi16) == .indexed(4))  // xterm's 0,0,238
    #expect(red.color(at: .mono) == .default)
  }

  @Test func `unknown and circular inheritance is refused with its line`() throws {
    let library = try library([
      "a": "inherits = b", "b": "\ninherits = a", "c": "inherits = dork", "dark": "text = fg 1",
    ])
    let circle = #expect(throws: DiagnosticError.self) { try library.theme("a") }
    #expect(circle?.description.hasPrefix("b.theme:2:12: error: theme 'a' inherits itself") == true)
    let unknown = #expect(throws: DiagnosticError.self) { try library.theme("c") }
    #expect(unknown?.description.contains("did you mean 'dark'?") == true)
  }

  @Test func `an unknown palette name is refused with its line`() throws {
    let library = try library(["a": "palette.orange = 208\ntext = fg orrange"])
    let error = #expect(throws: DiagnosticError.self) { try library.theme("a") }
    #expect(error?.description == "a.theme:2:11: error: unknown colour 'orrange'\nhelp: did you mean 'orange'?")
  }
}

@Suite("Built-in themes") struct BuiltInThemesTests {
  static let names = BuiltInThemes.sources.map(\.name)

  @Test(arguments: names) func `each is read and has a look for every role`(_ name: String) throws {
    let theme = try BuiltInThemes.library().theme(name)
    #expect(theme.lineage.first == name)
    let missing = Role.allCases.filter { theme.looks[$0] == nil }
    #expect(missing.isEmpty)
  }

  @Test(arguments: names) func `no text is hard to read and no pair falls together`(_ name: String) throws {
    let findings = ThemeCheck.findings(in: try BuiltInThemes.library().theme(name))
    #expect(findings.isEmpty, "\(findings.map(\.text).joined(separator: "\n"))")
  }

  /// The numbers of the design's theme table.
  @Test(
    arguments: [
      ("dark", Role.text, 252, 234), ("dark", .stateQuant, 78, 234), ("dark", .metricNear, 221, 234),
      ("dark", .cursor, 15, 24), ("light", .text, 235, 255), ("light", .stateFloat, 130, 255),
      ("light", .cursor, 0, 153), ("contrast", .text, 15, 0), ("contrast", .metricBad, 15, 160),
      ("contrast", .deltaWorse, 213, 0), ("cvd-dark", .metricGood, 74, 234), ("cvd-dark", .cursor, 0, 74),
      ("cvd-dark", .metricNear, 227, 234), ("cvd-dark", .plotQuant, 214, 234), ("cvd-light", .metricBad, 166, 255),
      ("cvd-light", .cursor, 0, 117), ("cvd-light", .metricNear, 94, 255),
    ] as [(String, Role, UInt8, UInt8)])
  func `colours at 256`(_ name: String, _ role: Role, _ front: UInt8, _ ground: UInt8) throws {
    let style = try BuiltInThemes.library().theme(name).styles(at: .palette256).style(role)
    #expect(style.foreground == .indexed(front) && style.background == .indexed(ground))
  }

  @Test func `mono has no colour at any depth`() throws {
    let theme = try BuiltInThemes.library().theme("mono")
    for depth in ColorDepth.allCases {
      for role in Role.allCases {
        let style = theme.styles(at: depth).style(role)
        #expect(style.foreground == .default && style.background == .default)
      }
    }
  }

  @Test func `good and bad differ without colour in every theme that marks them so`() throws {
    for name in ["cvd-dark", "cvd-light", "mono", "contrast"] {
      let styles = try BuiltInThemes.library().theme(name).styles(at: .mono)
      #expect(styles.style(.metricGood).attributes != styles.style(.metricBad).attributes, "\(name)")
    }
  }

  @Test func `the choice follows colour, wish and ground`() {
    #expect(BuiltInThemes.choose(asked: "dark", depth: .mono, ground: .dark) == "mono")
    #expect(BuiltInThemes.choose(asked: "terminal", depth: .rgb, ground: .light) == "terminal")
    #expect(BuiltInThemes.choose(asked: nil, depth: .palette256, ground: .light) == "cvd-light")
    #expect(BuiltInThemes.choose(asked: nil, depth: .palette256, ground: nil) == "cvd-dark")
  }
}

@Suite("Colours") struct ColorTests {
  /// WCAG 2.1: black on white is 21:1; #777777 on white is 4.48:1 (the standard's well-known near miss).
  @Test func `contrast`() {
    #expect(abs(RGB(0, 0, 0).contrast(with: RGB(255, 255, 255)) - 21) < 1e-9)
    #expect(abs(RGB(0x77, 0x77, 0x77).contrast(with: RGB(255, 255, 255)) - 4.48) < 0.005)
  }

  /// CIELAB of sRGB red under D65: 53.24, 80.09, 67.20 (Lindbloom's calculator, two places).
  @Test func `lab of red`() {
    let lab = RGB(255, 0, 0).lab
    #expect(abs(lab.l - 53.24) < 0.02 && abs(lab.a - 80.09) < 0.02 && abs(lab.b - 67.20) < 0.02)
  }

  @Test func `greys look the same to everyone`() {
    let grey = RGB(128, 128, 128)
    // Rows of the simulation matrices add up to 1 within their six digits.
    for vision in ColorVision.allCases { #expect(grey.seen(with: vision).distance(to: grey.lab) < 0.01) }
  }

  @Test func `red and green of one lightness fall together without green cones`() {
    let (red, green) = (RGB(200, 90, 60), RGB(120, 140, 50))
    #expect(red.lab.distance(to: green.lab) > 50)
    #expect(red.seen(with: .deuteranopia).distance(to: green.seen(with: .deuteranopia)) < 20)
  }

  @Test func `palette numbers are xterm's`() {
    #expect(RGB.palette(16) == RGB(0, 0, 0) && RGB.palette(231) == RGB(255, 255, 255))
    #expect(RGB.palette(74) == RGB(95, 175, 215))  // 74 - 16 = 1 * 36 + 3 * 6 + 4
    #expect(RGB.palette(232) == RGB(8, 8, 8) && RGB.palette(255) == RGB(238, 238, 238))
  }

  @Test(
    arguments: [
      (ColorChoice.auto, ["TERM": "xterm"], 256, ColorDepth.palette256), (.auto, ["NO_COLOR": "1"], 256, .mono),
      (.auto, ["NO_COLOR": ""], 256, .palette256), (.always, ["NO_COLOR": "1"], 256, .palette256),
      (.never, ["COLORTERM": "truecolor"], 256, .mono), (.auto, ["COLORTERM": "truecolor"], 256, .rgb),
      (.auto, ["COLORTERM": "24bit"], 256, .rgb), (.auto, ["COLORTERM": "yes"], 256, .palette256),
      (.auto, [:], 8, .ansi16), (.auto, [:], 0, .mono), (.always, [:], -1, .mono),
    ] as [(ColorChoice, [String: String], Int, ColorDepth)])
  func `depth`(_ choice: ColorChoice, _ environment: [String: String], _ colors: Int, _ depth: ColorDepth) {
    #expect(ColorDepth.decide(choice, environment: environment, terminalColors: colors) == depth)
  }

  @Test func `grounds`() {
    #expect(GroundTone(of: RGB(0xfd, 0xf6, 0xe3)) == .light)
    #expect(GroundTone(of: RGB(0x00, 0x2b, 0x36)) == .dark)
  }
}

@Suite("Theme folder") struct ThemeFolderTests {
  @Test func `every file in Themes is in the binary, byte for byte`() throws {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let folder = package.appendingPathComponent("Themes")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".theme") }
    #expect(Set(files) == Set(BuiltInThemes.sources.map { "\($0.name).theme" }))
    for (name, bytes) in BuiltInThemes.sources {
      #expect(try [UInt8](Data(contentsOf: folder.appendingPathComponent("\(name).theme"))) == bytes, "\(name)")
    }
  }
}
