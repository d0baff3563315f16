/// Names of actions: an enum of strings, the names being those of the config file and the command palette.
package protocol ActionName: RawRepresentable, Hashable, Sendable where RawValue == String {}

/// Keys, what they do, and when they do it.
///
/// Help, footer and `docs/keys.md` are made from these.
package struct Binding<Action: ActionName, Context>: Sendable {
  package var keys: [Key]
  package let action: Action
  /// What the key does, for the help screen; starts with a small letter.
  package let help: String
  /// One or two words for the footer; `nil` keeps it out of there.
  ///
  /// Neighbours with the same words become one entry.
  package let footer: String?
  /// Why the key does nothing now, as a sentence for the person; `nil` when it works.
  package let offWhen: @Sendable (Context) -> String?

  package init(
    _ keys: Key..., action: Action, help: String, footer: String? = nil,
    offWhen: @escaping @Sendable (Context) -> String? = { _ in nil }
  ) {
    self.keys = keys
    self.action = action
    self.help = help
    self.footer = footer
    self.offWhen = offWhen
  }
}

/// The bindings of one screen or of the whole program.
package struct Keymap<Action: ActionName, Context>: Sendable {
  package private(set) var bindings: [Binding<Action, Context>]
  private var index: [Key: Int] = [:]

  package enum Lookup: Equatable, Sendable {
    case action(Action)
    /// The key belongs to an action that does nothing now; the reason is to be shown.
    case off(Action, reason: String)
    case unbound
  }

  /// - Precondition: no key stands twice.
  package init(_ bindings: [Binding<Action, Context>]) {
    self.bindings = bindings
    reindex()
    let keys = bindings.flatMap(\.keys)
    precondition(Set(keys).count == keys.count, "a key is bound twice in one keymap")
  }

  package func lookup(_ key: Key, in context: Context) -> Lookup {
    guard let position = index[key] else { return .unbound }
    let binding = bindings[position]
    if let reason = binding.offWhen(context) { return .off(binding.action, reason: reason) }
    return .action(binding.action)
  }

  /// The same bindings with the keys a config file gives to them.
  ///
  /// Keys taken over by a remapped action are lost to the one that had them.
  ///
  /// - Parameter neighbours: actions of other tables that hold at the same time.
  package func remapped(by remap: KeyRemap, besides neighbours: some Sequence<String> = EmptyCollection()) -> Keymap {
    if remap.isEmpty { return self }
    var copy = self
    let taken = Set((bindings.map(\.action.rawValue) + neighbours).compactMap { remap.keys[$0] }.joined())
    for i in copy.bindings.indices {
      if let keys = remap.keys[copy.bindings[i].action.rawValue] {
        copy.bindings[i].keys = keys
      } else {
        copy.bindings[i].keys.removeAll { taken.contains($0) }
      }
    }
    copy.reindex()
    return copy
  }

  /// The table without its types, for help and footer.
  package func rows(in context: Context) -> [KeyRow] {
    bindings.map {
      KeyRow(
        keys: $0.keys, action: $0.action.rawValue, help: $0.help, footer: $0.footer, offReason: $0.offWhen(context))
    }
  }

  private mutating func reindex() {
    index = [:]
    for (position, binding) in bindings.enumerated() {
      for key in binding.keys { index[key] = position }
    }
  }
}

/// A line of the key table.
package struct KeyRow: Equatable, Sendable {
  package let keys: [Key]
  package let action: String
  package let help: String
  package let footer: String?
  package let offReason: String?

  package init(keys: [Key], action: String, help: String, footer: String? = nil, offReason: String? = nil) {
    self.keys = keys
    self.action = action
    self.help = help
    self.footer = footer
    self.offReason = offReason
  }

  package var keyText: String { keys.map(\.name).joined(separator: " ") }
}
