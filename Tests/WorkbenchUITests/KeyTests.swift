import Diagnostics
import Testing

@testable import WorkbenchUI

@Suite("Keys") struct KeyTests {
  @Test(arguments: ["a", "R", "ctrl-r", "F5", "F10", "space", "page-down", "Enter", "Esc", "S-Tab", "?", "量"])
  func `names read back`(_ name: String) { #expect(Key(name: name)?.name == name) }

  @Test func `two spellings of one key are one key`() {
    #expect(Key(name: "ctrl-i") == .tab && Key(name: "ctrl-m") == .enter && Key(name: "ctrl-[") == .escape)
    #expect(Key(name: "PgDn") == .pageDown && Key(name: "f1") == .function(1) && Key(name: "CTRL-R") == .control("r"))
  }

  @Test(arguments: ["", "ctrl-", "ctrl-1", "F0", "F64", "Fx", "nokey", "\u{1b}"])
  func `no keys`(_ name: String) { #expect(Key(name: name) == nil) }
}

private enum Action: String, ActionName, CaseIterable {
  case down, up, open, run, quantise, help
}

private struct Context { var hasNet = true }

private func keymap() -> Keymap<Action, Context> {
  Keymap([
    Binding(.character("j"), .down, action: .down, help: "next row", footer: "move"),
    Binding(.character("k"), .up, action: .up, help: "previous row", footer: "move"),
    Binding(.enter, action: .open, help: "open the layer", footer: "open"),
    Binding(
      .character("r"), .function(5), action: .run, help: "start a run", footer: "run",
      offWhen: { $0.hasNet ? nil : "open a net first" }),
    Binding(.character("x"), action: .quantise, help: "quantised or float"),
    Binding(.character("?"), .function(1), action: .help, help: "this help", footer: "help"),
  ])
}

@Suite("Keymap") struct KeymapTests {
  @Test func `keys find their action, or the reason why not`() {
    let map = keymap()
    #expect(map.lookup(.function(5), in: Context()) == .action(.run))
    #expect(map.lookup(.character("r"), in: Context(hasNet: false)) == .off(.run, reason: "open a net first"))
    #expect(map.lookup(.character("z"), in: Context()) == .unbound)
  }

  @Test func `remapping replaces the keys of an action and takes them from others`() throws {
    let remap = try KeyRemap(
      config: "theme = dark\nkey.run = j ctrl-g\n", file: "config", actions: Action.allCases.map(\.rawValue))
    let map = keymap().remapped(by: remap)
    #expect(map.lookup(.character("j"), in: Context()) == .action(.run))
    #expect(map.lookup(.control("g"), in: Context()) == .action(.run))
    #expect(map.lookup(.character("r"), in: Context()) == .unbound)
    #expect(map.lookup(.down, in: Context()) == .action(.down))
  }

  @Test(arguments: [
    ("key.rum = r", "config:1:1: error: unknown action 'rum'\nhelp: did you mean 'run'?"),
    ("\nkey.run = r blah", "config:2:13: error: unknown key 'blah'"),
    (
      "key.run = r\nkey.open = Enter r",
      "config:2:18: error: key 'r' is given to 'open' and to 'run'\nconfig:1: note: 'run' has it here"
    ),
  ])
  func `bad remapping says where`(_ text: String, _ message: String) {
    let error = #expect(throws: DiagnosticError.self) {
      try KeyRemap(config: text, file: "config", actions: Action.allCases.map(\.rawValue))
    }
    #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
  }

  @Test func `the footer joins neighbours, leaves out what is off and stops at eight`() {
    let entries = Footer.entries(keymap().rows(in: Context(hasNet: false)))
    #expect(entries.map { "\($0.keys) \($0.words)" } == ["j/k move", "Enter open", "? help"])
    let many = (0..<20).map { KeyRow(keys: [.function($0 + 1)], action: "a\($0)", help: "", footer: "w\($0)") }
    #expect(Footer.entries(many).count == 8)
  }

  @Test func `a narrow footer keeps its last entry`() {
    let spans = Footer.spans(keymap().rows(in: Context()), columns: 20)
    #expect(spans.map(\.text).joined() == "j/k move  ? help")
  }
}
