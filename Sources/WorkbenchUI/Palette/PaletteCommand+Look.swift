import Diagnostics

/// How the screens look; what is chosen here is remembered.
extension PaletteCommand {
  static let looking: [PaletteCommand] = [theme, mouse, language, glyphs]

  static let theme: PaletteCommand = .init(
    name: "theme", usage: "NAME", help: "colours, tried while they are chosen; default: as configured",
    needsModel: false,
    candidates: { words, session in
      guard words.isEmpty else { return [] }
      return session.themes.names.map { Candidate(text: $0, note: $0 == session.theme ? "in use" : "") }
        + [Candidate(text: "default", note: session.configuredTheme)]
    },
    run: { words, session, time in
      guard words.count == 1 else { throw theme.wrongUsage() }
      let isDefault = words[0] == "default" && !session.themes.names.contains("default")
      let name = isDefault ? session.configuredTheme : words[0]
      let found = try session.themes.theme(name)
      session.memory.theme = isDefault ? nil : name
      session.theme = name
      session.say(.info, "theme \(name)", at: time)
      return [.theme(found), .effect(.watch(theme: found.lineage))]
    })

  private static let mouse: PaletteCommand = .init(
    name: "mouse", usage: "on|off", help: "click, wheel; off: the terminal's own selection works", needsModel: false,
    candidates: { words, session in
      words.isEmpty
        ? [true, false].map { Candidate(text: $0 ? "on" : "off", note: $0 == session.hasMouse ? "now" : "") } : []
    },
    run: { words, session, time in
      guard words.count == 1, let isOn = Settings.flag(words[0]) else { throw mouse.wrongUsage() }
      session.memory.mouse = isOn
      session.say(.info, "mouse \(isOn ? "on" : "off")", at: time)
      return [.mouse(isOn)]
    })

  private static let language: PaletteCommand = .init(
    name: "lang", usage: "en|zh", help: "language of the screens", needsModel: false,
    candidates: { words, _ in
      words.isEmpty ? [Candidate(text: "en", note: "English"), Candidate(text: "zh", note: "简体中文")] : []
    },
    run: { words, session, _ in
      guard words.count == 1, let language = Language(word: words[0]) else { throw Self.language.wrongUsage() }
      session.memory.lang = language.rawValue
      session.look.strings = language.strings
      return []
    })

  private static let glyphs: PaletteCommand = .init(
    name: "glyphs", usage: "ascii|box|braille", help: "signs of frames, bars and plots, for this session",
    needsModel: false,
    candidates: { words, session in
      words.isEmpty
        ? GlyphSet.Name.allCases.map {
          Candidate(text: $0.rawValue, note: $0 == session.look.glyphs.name ? "now" : "")
        } : []
    },
    run: { words, session, _ in
      guard words.count == 1, let name = GlyphSet.Name(rawValue: words[0]) else { throw Self.glyphs.wrongUsage() }
      session.look.glyphs = .named(name)
      return [.redraw]
    })
}

extension Session {
  /// The theme without a choice in the palette.
  var configuredTheme: String { settings.theme.flatMap { themes.files[$0] == nil ? nil : $0 } ?? defaultTheme }

  var hasMouse: Bool { memory.mouse ?? settings.mouse ?? false }
}
