import WorkbenchUI

/// Questions to the terminal at start, and its answers, taken from the bytes it sends.
///
/// All questions go out at once; the last one (device attributes) is answered by every terminal, so its answer says
/// that no other will come. What a terminal does not answer within 100 ms counts as not known.
struct TerminalProbe: Equatable {
  /// Column of the cursor after one box glyph from the left edge: 2 when the glyph is one column wide, 3 when two.
  private(set) var columnAfterGlyph: Int?
  /// The colour of the terminal's ground.
  private(set) var ground: RGB?
  private(set) var knowsSynchronizedOutput = false
  private(set) var isComplete = false
  /// Bytes that are no answers: keys pressed meanwhile.
  private(set) var leftover: [UInt8] = []

  /// The questions, from the home position of an empty screen.
  ///
  /// `isConsole`: the console of Linux, which prints part of what it does not understand.
  static func questions(isConsole: Bool, isUTF8: Bool) -> String {
    let glyph = isUTF8 ? "\u{1b}[H─\u{1b}[6n" : ""
    let colorAndModes = isConsole ? "" : "\u{1b}]11;?\u{7}\u{1b}[?2026$p"
    return glyph + colorAndModes + "\u{1b}[c"
  }

  /// Takes the answers out of all bytes received so far.
  init(_ bytes: [UInt8] = []) {
    var rest = bytes[...]
    while let first = rest.first {
      if first == 0x1b, let (answer, length) = Self.sequence(rest) {
        rest = rest.dropFirst(length)
        if !take(answer) { leftover += answer }
      } else {
        leftover.append(first)
        rest = rest.dropFirst()
      }
    }
  }

  /// A whole control sequence or operating system command at the start; `nil` when it is none or not whole yet.
  private static func sequence(_ bytes: ArraySlice<UInt8>) -> (bytes: [UInt8], length: Int)? {
    let bytes = Array(bytes.prefix(256))
    guard bytes.count > 2 else { return nil }
    switch bytes[1] {
    case UInt8(ascii: "["):
      guard let end = bytes[2...].firstIndex(where: { (0x40...0x7e).contains($0) }) else { return nil }
      return (Array(bytes[...end]), end + 1)
    case UInt8(ascii: "]"):
      for i in 2..<bytes.count {
        if bytes[i] == 7 { return (Array(bytes[...i]), i + 1) }
        if bytes[i] == 0x5c, bytes[i - 1] == 0x1b { return (Array(bytes[...i]), i + 1) }
      }
      return nil
    default: return nil
    }
  }

  private mutating func take(_ answer: [UInt8]) -> Bool {
    let text = String(decoding: answer, as: UTF8.self)
    if text.hasPrefix("\u{1b}[?"), text.hasSuffix("c") {
      isComplete = true
    } else if text.hasPrefix("\u{1b}[?2026;"), text.hasSuffix("$y") {
      // 1: set, 2: reset; 0: not known, 3 and 4: fixed.
      knowsSynchronizedOutput = ["1", "2"].contains(text.dropFirst(8).dropLast(2))
    } else if text.hasPrefix("\u{1b}[1;"), text.hasSuffix("R"), let column = Int(text.dropFirst(4).dropLast()) {
      columnAfterGlyph = column
    } else if text.hasPrefix("\u{1b}]11;") {
      ground = Self.color(text)
    } else {
      return false
    }
    return true
  }

  /// `rgb:RRRR/GGGG/BBBB` with 1 to 4 digits each (XParseColor); an alpha value may precede as `rgba:`, last.
  private static func color(_ text: String) -> RGB? {
    guard let start = text.firstIndex(of: ":") else { return nil }
    let parts = text[text.index(after: start)...].split(whereSeparator: { !$0.isHexDigit })
    let values = parts.prefix(3).compactMap { part -> UInt8? in
      guard (1...4).contains(part.utf8.count), let value = Int(part, radix: 16) else { return nil }
      let largest = (1 << (4 * part.utf8.count)) - 1
      return UInt8((value * 255 + largest / 2) / largest)
    }
    return values.count == 3 ? RGB(values[0], values[1], values[2]) : nil
  }
}
