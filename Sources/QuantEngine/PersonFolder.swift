import Foundation

/// The places that the XDG base directory specification gives a program below a person's home.
package enum PersonFolder: String, Sendable {
  case cache = ".cache"
  case config = ".config"
  case state = ".local/state"

  private var variable: String {
    switch self {
    case .cache: "XDG_CACHE_HOME"
    case .config: "XDG_CONFIG_HOME"
    case .state: "XDG_STATE_HOME"
    }
  }

  /// The program's own folder in there: by the variable, else below `$HOME`, else below the home of the account.
  package func path(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> String {
    func given(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    return (given(variable) ?? (given("HOME") ?? NSHomeDirectory()) + "/" + rawValue) + "/cortado"
  }
}
