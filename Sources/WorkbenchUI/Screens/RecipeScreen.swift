import QuantEngine
import Quantization

/// Screen 3: the recipe as a tree, the selected part as a form, and what it does to net and config.
struct RecipeScreen: Screen {
  enum Action: String, ActionName, CaseIterable {
    case open, back, pane, add, reset, more, less
    case previousPane = "previous-pane"
    case remove = "remove-rule"
    case apply = "apply-recipe"
    case lift = "lift-recipe"
    case take = "take-recipe"
    case flip = "flip-flag"
  }

  enum Pane: CaseIterable { case tree, form, effect }

  static let tab = Chrome.Tab(key: "3", name: "Recipe", short: "Rec")
  static let command = (name: "recipe", help: "the recipe: rules that make the config")

  static let bindings: [Bound] = moving + rules + fields

  private static let rules: [Bound] = [
    Bound(
      .enter, .right, action: .own(.open), help: "open the part, edit the parameter", footer: "edit", offWhen: noRecipe),
    Bound(.escape, .left, action: .own(.back), help: "back to the tree, then to the layers"),
    Bound("a", action: .own(.add), help: "start a recipe; add a rule or a name", footer: "add", offWhen: Off.model),
    Bound("X", .delete, action: .own(.remove), help: "remove the rule or name", footer: "remove", offWhen: noRecipe),
    Bound("A", action: .own(.apply), help: "apply: make the config from it", footer: "apply", offWhen: noRecipe),
    Bound(
      "i", action: .own(.lift), help: "lift: make rules of what was set by hand", footer: "lift",
      offWhen: { $0.session.workspace?.recipe.text == nil ? Off.model($0) : noRecipe($0) }),
    Bound("o", action: .own(.take), help: "take the recipe of a file", footer: "open file", offWhen: Off.model),
    Bound(
      "S", .function(2), action: .shared(.save), help: "save config and recipe", footer: "save",
      offWhen: {
        $0.session.hasUnsaved ? nil : Off.model($0) ?? "everything is saved"
      }),
    running,
    Bound("u", action: .shared(.undo), help: "take back the last edit", footer: "undo", offWhen: Off.undo),
  ]

  private static let fields: [Bound] = [
    Bound("D", action: .own(.reset), help: "default: take the parameter out of the recipe", offWhen: noField),
    Bound(.space, action: .own(.flip), help: "flip the flag, the next word", offWhen: noField),
    Bound("+", action: .own(.more), help: "step up", offWhen: noField),
    Bound("-", action: .own(.less), help: "step down", offWhen: noField),
    Bound(.tab, .function(6), action: .own(.pane), help: "next pane: tree, block, effect", offWhen: noRecipe),
    Bound(.backTab, action: .own(.previousPane), help: "previous pane", offWhen: noRecipe),
    Bound("y", action: .shared(.copy), help: "copy the line", offWhen: noRecipe),
  ]

  private static func noRecipe(_ scene: Scene<RecipeScreen>) -> String? {
    if let reason = Off.model(scene) { return reason }
    if scene.session.workspace?.recipe.text == nil { return "no recipe yet: a starts one, o takes one from a file" }
    return scene.screen.reading.document == nil ? "this recipe cannot be read: o takes another, a starts anew" : nil
  }

  private static func noField(_ scene: Scene<RecipeScreen>) -> String? {
    noRecipe(scene) ?? (scene.screen.selectedField == nil ? "Enter opens the block; then choose a parameter" : nil)
  }

  private(set) var reading = RecipeReading.none
  /// The workspace's revision that `reading` is of.
  private var revision: Int?
  private(set) var tree = ListState()
  /// Stays selected while the tree changes around it.
  private(set) var part: RecipeNode.Part?
  private(set) var focus = Pane.tree
  private(set) var form = RecipeForm(.none, nil)
  private(set) var formList = ListState()
  private(set) var effect = RecipeEffectText(.none, nil, width: 10)
  private var strings = Strings.english
  private(set) var effectList = ListState()
  private(set) var editor: FieldEditor?
  private var effectWidth = 0

  /// The parameter under the cursor of the form.
  var selectedField: RecipeField? { focus == .form ? form.field(formList.selection) : nil }

  // MARK: Keys

  mutating func perform(_ action: Action, _ session: inout Session, at time: Duration) -> [Request<AppEffect>] {
    switch action {
    case .open: open(&session, at: time)
    case .back:
      if focus == .tree { session.go(to: LayersScreen.self) } else { focus = .tree }
    case .pane: turn(1)
    case .previousPane: turn(-1)
    case .add: add(&session, at: time)
    case .remove: remove(&session, at: time)
    case .apply: session.applyRecipe(reading, at: time)
    case .lift: session.liftRecipe(reading, at: time)
    case .take: session.ask(.recipeFile())
    case .reset: reset(&session, at: time)
    case .flip: step(1, isFlip: true, &session, at: time)
    case .more: step(1, &session, at: time)
    case .less: step(-1, &session, at: time)
    }
    return []
  }

  private mutating func turn(_ step: Int) {
    let all = Pane.allCases
    let now = all.firstIndex(of: focus) ?? 0
    focus = all[(now + step + all.count) % all.count]
    if focus == .form, form.fields.isEmpty { focus = all[(now + 2 * step + 2 * all.count) % all.count] }
    settleForm()
  }

  private mutating func open(_ session: inout Session, at time: Duration) {
    switch focus {
    case .form: edit(&session, at: time)
    case .effect: focus = .tree
    case .tree:
      switch part {
      case .list(let list): if let prompt = Prompt.recipeName(.name(list), reading, session) { session.ask(prompt) }
      case .name: session.say(.info, "X takes the name off the list, Enter on the list adds one", at: time)
      default:
        focus = .form
        settleForm()
      }
    }
  }

  mutating func move(_ move: ListState.Move, _ session: inout Session) {
    switch focus {
    case .tree:
      tree.move(move)
      select(reading.rows.indices.contains(tree.selection) ? reading.rows[tree.selection].part : nil)
    case .form:
      let before = formList.selection
      formList.move(move)
      let fields = form.lines.indices.filter { form.field($0) != nil }
      let target = formList.selection
      let next = target < before ? fields.last { $0 <= target } : fields.first { $0 >= target }
      guard let at = next ?? (target < before ? fields.first : fields.last) else { return }
      formList.move(.to(at))
      // With the first parameter its heading is seen.
      if at == fields.first { formList.wheel(by: -form.lines.count) }
      formList.move(.to(at))
    case .effect:
      // The cursor there serves for scrolling only.
      effectList.move(move)
    }
  }

  /// From a heading to the first parameter.
  private mutating func settleForm() {
    guard focus == .form else { return }
    while form.field(formList.selection) == nil, formList.selection + 1 < form.lines.count { formList.move(.by(1)) }
  }

  /// Shows another part.
  mutating func select(_ part: RecipeNode.Part?) {
    guard part != self.part else { return }
    self.part = part
    (formList, effectList) = (ListState(), ListState())
    show()
  }

  /// Fits form and effect to part and recipe.
  private mutating func show() {
    form = RecipeForm(reading, part)
    effect = RecipeEffectText(reading, part, width: effectWidth, strings: strings)
  }

  mutating func refresh(_ session: Session) {
    strings = session.look.strings
    guard let workspace = session.workspace else { return }
    let layout = RecipeLayout(session.body, focus)
    let width = layout.effectWidth
    if revision != workspace.revision {
      revision = workspace.revision
      reading = RecipeReading(workspace)
      if let at = part.flatMap({ part in reading.rows.firstIndex { $0.part == part } }) {
        tree.fit(count: reading.rows.count)
        tree.move(.to(at))
      }
      effectWidth = 0
    }
    tree.fit(count: reading.rows.count, height: max(1, layout.rows))
    let selected = reading.rows.indices.contains(tree.selection) ? reading.rows[tree.selection].part : nil
    if selected != part || width != effectWidth {
      if selected != part { (formList, effectList) = (ListState(), ListState()) }
      (part, effectWidth) = (selected, width)
      show()
    }
    if focus == .form, form.fields.isEmpty { focus = .tree }
    formList.fit(count: form.lines.count, height: max(1, layout.rows - RecipeForm.adviceRows))
    effectList.fit(count: effect.lines.count, height: max(1, layout.rows))
    settleForm()
  }

  var isTyping: Bool { editor != nil }

  mutating func type(_ key: Key, _ session: inout Session, at time: Duration) -> [Request<AppEffect>]? {
    guard let outcome = editor?.handle(key) else { return nil }
    switch outcome {
    case .editing, .ignored: break
    case .cancelled: editor = nil
    case .accepted(let text):
      editor = nil
      set(text, &session, at: time)
    }
    return []
  }

  mutating func paste(_ text: String) { editor?.paste(text) }

  mutating func begin(_ editor: FieldEditor) { self.editor = editor }

  mutating func close(_ session: Session) -> Bool {
    guard focus != .tree, !RecipeLayout(session.body, focus).isWide else { return false }
    focus = .tree
    return true
  }

  func place(_ session: Session) -> String {
    reading.rows.isEmpty ? "" : "\(tree.selection + 1)/\(reading.rows.count)"
  }

  func copyText(_ session: Session) -> String? {
    if let field = selectedField { return "\(field.path) = \(field.text)" }
    guard reading.rows.indices.contains(tree.selection) else { return nil }
    let row = reading.rows[tree.selection]
    return row.summary.isEmpty ? row.title : "\(row.title): \(row.summary)"
  }

  func view(_ session: Session, on canvas: inout Canvas, at time: Duration) {
    if let workspace = session.workspace { canvas.drawRecipe(self, session, workspace) }
  }
}
