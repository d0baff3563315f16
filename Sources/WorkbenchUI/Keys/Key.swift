/// A key as the terminal reports it.
///
/// Two spellings of one key (Tab and Ctrl-I, Enter and Ctrl-M) are one value.
package enum Key: Hashable, Sendable {
  case character(Character)
  /// Ctrl with a small letter, or with one of `@ [ \ ] ^ _`.
  case control(Character)
  /// F1 is `function(1)`.
  case function(Int)
  case up, down, left, right, home, end, pageUp, pageDown
  case enter, escape, tab, backTab, backspace, delete, insert

  package static let space = Key.character(" ")

  /// The name in the config file, in help and in the footer: `r`, `R`, `ctrl-r`, `F5`, `space`, `page-down`.
  package var name: String {
    switch self {
    case .character(" "): "space"
    case .character(let letter): String(letter)
    case .control(let letter): "ctrl-\(letter)"
    case .function(let number): "F\(number)"
    default: Self.named.first { $0.key == self }?.name ?? ""
    }
  }

  /// A key by its name, upper and lower case alike except for single letters; `nil` when there is no such key.
  package init?(name: String) {
    if name.count == 1, let letter = name.first, CellWidth.of(letter) > 0 {
      self = .character(letter)
      return
    }
    let lower = name.lowercased()
    if lower == "space" {
      self = .space
    } else if let named = Self.named.first(where: { $0.name.lowercased() == lower })
      ?? Self.aliases.first(where: { $0.name == lower })
    {
      self = named.key
    } else if lower.hasPrefix("f"), let number = Int(lower.dropFirst()), (1...63).contains(number) {
      self = .function(number)
    } else if lower.hasPrefix("ctrl-"), lower.count == 6, let letter = lower.last {
      switch letter {
      case "i": self = .tab
      case "m", "j": self = .enter
      case "h": self = .backspace
      case "[": self = .escape
      case "a"..."z", "@", "\\", "]", "^", "_": self = .control(letter)
      default: return nil
      }
    } else {
      return nil
    }
  }

  private static let named: [(name: String, key: Key)] = [
    ("up", .up), ("down", .down), ("left", .left), ("right", .right), ("home", .home), ("end", .end),
    ("page-up", .pageUp), ("page-down", .pageDown), ("Enter", .enter), ("Esc", .escape), ("Tab", .tab),
    ("S-Tab", .backTab), ("backspace", .backspace), ("delete", .delete), ("insert", .insert),
  ]
  private static let aliases: [(name: String, key: Key)] = [
    ("pgup", .pageUp), ("pgdn", .pageDown), ("escape", .escape), ("return", .enter), ("shift-tab", .backTab),
    ("del", .delete), ("ins", .insert),
  ]

  /// What typing the key adds to a text field.
  package var text: Character? {
    if case .character(let letter) = self { return letter }
    return nil
  }
}
