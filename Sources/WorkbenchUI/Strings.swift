/// Every sentence the screens say, in one language.
///
/// Names of layers, fields, commands and keys are never translated.
package struct Strings: Sendable {
  // Terminal
  package let tooSmall: @Sendable (_ has: Size, _ needs: Size) -> String
  // Status lines
  package let job: String
  package let noJob: String
  package let unsaved: @Sendable (_ files: [String]) -> String
  package let commandHint: String
  package let helpHint: String
  // Lists
  package let moreRows: @Sendable (_ count: Int) -> String
  // Sheets
  package let yes: String
  package let no: String
  // Help
  package let helpTitle: @Sendable (_ screen: String) -> String
  package let helpSearch: String
  package let helpNothing: @Sendable (_ text: String) -> String
  package let offNow: @Sendable (_ reason: String) -> String
  // Fields
  package let notANumber: String
  package let notAWholeNumber: String
  package let outOfRange: @Sendable (_ range: String) -> String
  package let empty: String
  package let range: @Sendable (_ range: String) -> String
  // Plots
  package let noData: String
  package let logCount: String
  /// Everything else, by its English.
  let sentences: Sentences

  package static let english = Strings(
    tooSmall: { "needs \($1.columns)x\($1.rows), this is \($0.columns)x\($0.rows): enlarge, or q to quit" },
    job: "job: ",
    noJob: "none",
    unsaved: { $0.isEmpty ? "unsaved: -" : "unsaved: \($0.joined(separator: " "))" },
    commandHint: ": command",
    helpHint: "? help",
    moreRows: { "\($0) more row\($0 == 1 ? "" : "s")" },
    yes: "yes",
    no: "no",
    helpTitle: { "Help: \($0)" },
    helpSearch: "search: ",
    helpNothing: { "no key or action fits '\($0)'; Esc clears the search" },
    offNow: { "now off: \($0)" },
    notANumber: "not a number",
    notAWholeNumber: "not a whole number",
    outOfRange: { "must be \($0)" },
    empty: "must not be empty",
    range: { $0 },
    noData: "no data",
    logCount: "log count",
    sentences: Sentences())
}
