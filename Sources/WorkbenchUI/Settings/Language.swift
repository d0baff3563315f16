/// The languages of the screens.
package enum Language: String, CaseIterable, Sendable {
  case english = "en"
  case chinese = "zh"

  /// The language of the environment: `LC_ALL`, else `LC_MESSAGES`, else `LANG`; Chinese for all that begins with `zh`.
  package init(environment: [String: String]) {
    let word = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
    self = word.lowercased().hasPrefix("zh") ? .chinese : .english
  }

  /// A language by its name in the config file: `en`, `zh`, also `zh_CN` and `zh-CN`.
  package init?(word: String) {
    guard let known = Language(rawValue: String(word.lowercased().prefix { $0 != "_" && $0 != "-" && $0 != "." }))
    else { return nil }
    self = known
  }

  package var strings: Strings {
    switch self {
    case .english: .english
    case .chinese: .chinese
    }
  }
}
