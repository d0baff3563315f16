import LayerGraph
import QuantEngine
import Quantization
import ScreenTesting
import Testing

@testable import WorkbenchUI

extension ScreenDriver<AppModel> {
  /// The recipe's text as it stands in the session.
  var recipe: String? { session.workspace?.recipe.text.map { String(decoding: $0, as: UTF8.self) } }
  var recipeScreen: RecipeScreen { model[RecipeScreen.self] }

  func value(_ path: ConfigPath) -> String? {
    session.workspace.flatMap { $0.config.value(path, $0.graph)?.text }
  }
}

/// Screen 3: what its keys do to text and tree, and how it looks.
@Suite("Recipe screen") struct RecipeScreenTests {
  static let text = """
    # Rules for the board; ask before a change.
    batch_num: 2   # 16 images

    common_config {
      # searched coarsely
      ifmr_quantize { search_step: 0.02 }
    }
    override_layer_types { layer_type: 'InnerProduct'  calibration_config { arq_quantize { channel_wise: false } } } # fc
    override_layer_configs {
      layer_name: "conv3_dw"
      calibration_config { ifmr_quantize { num_bits: 12 } }
    }
    skip_layers: "pool1"

    """

  private func goTo(_ title: String, _ driver: inout ScreenDriver<AppModel>) throws {
    driver.press("Esc 3 g")
    let at = try #require(driver.recipeScreen.reading.rows.firstIndex { $0.title == title }, "\(driver.screen)")
    for _ in 0..<at { driver.press("j") }
  }

  /// From the tree to a parameter of the selected block.
  private func open(_ field: ConfigField, _ driver: inout ScreenDriver<AppModel>) {
    driver.press("Enter g")
    for _ in 0..<30 where driver.recipeScreen.selectedField?.path.field != field { driver.press("j") }
    #expect(driver.recipeScreen.selectedField?.path.field == field)
  }

  @Test(arguments: ["120x40", "80x24", "60x16"]) func `without a recipe it says what one is`(_ size: String) throws {
    var driver = try Shapes.driver(size)
    driver.press("3")
    try driver.expect("recipe/empty-\(size)")
  }

  @Test(arguments: ["120x40", "80x24", "60x16"]) func `tree, form and effect`(_ size: String) throws {
    var driver = try Shapes.driver(recipe: Self.text, size)
    try goTo("type InnerProduct", &driver)
    try driver.expect("recipe/tree-\(size)")
  }

  @Test(arguments: ["80x24", "60x16"]) func `the effect takes the form's place in a narrow terminal`(_ size: String)
    throws
  {
    var driver = try Shapes.driver(recipe: Self.text, size)
    try goTo("layer conv3_dw", &driver)
    driver.press("S-Tab")
    try driver.expect("recipe/effect-\(size)")
    driver.press("Esc")
    #expect(driver.recipeScreen.focus == .tree)
  }

  @Test(arguments: ["120x40", "80x24"]) func `an invalid value stays in the form with its reason`(_ size: String) throws
  {
    var driver = try Shapes.driver(recipe: Self.text, size)
    try goTo("layer conv3_dw", &driver)
    open(.activationBits, &driver)
    driver.press("Enter backspace backspace 7 Enter")
    try driver.expect("recipe/invalid-\(size)")
    #expect(driver.recipe == Self.text)
    driver.press("Esc")
    #expect(driver.recipeScreen.selectedField?.text == "12")
  }

  @Test func `a value changes its bytes and no others, and u brings them back`() throws {
    var driver = try Shapes.driver(recipe: Self.text)
    try goTo("layer conv3_dw", &driver)
    open(.activationBits, &driver)
    driver.press("+")
    #expect(driver.recipe == Self.text.replacing("num_bits: 12", with: "num_bits: 13"))
    #expect(driver.screen.contains("recipe layer conv3_dw num_bits: 12 -> 13 (u undoes)"))
    #expect(driver.screen.contains("unsaved: recipe.cfg"))
    driver.press("u")
    #expect(driver.recipe == Self.text && driver.screen.contains("unsaved: -"))
    driver.press("ctrl-r")
    #expect(driver.recipe == Self.text.replacing("num_bits: 12", with: "num_bits: 13"))
  }

  @Test func `what the net refuses of a rule is refused in the form`() throws {
    var driver = try Shapes.driver(recipe: Self.text)
    try goTo("type InnerProduct", &driver)
    open(.channelWise, &driver)
    driver.press("Enter backspace backspace backspace backspace backspace")
    driver.type("true")
    driver.press("Enter")
    #expect(driver.screen.contains("channel_wise can only be False for"), "\(driver.screen)")
    #expect(driver.recipe == Self.text)
    driver.press("Esc +")
    // Round the words by type, true, false: the next one is by type.
    #expect(driver.recipe == Self.text.replacing("{ channel_wise: false }", with: "{ }"), "\(driver.recipe ?? "")")
  }

  @Test func `another algorithm takes the rule's place`() throws {
    var driver = try Shapes.driver(recipe: Self.text)
    try goTo("layer conv3_dw", &driver)
    open(.weightAlgorithm, &driver)
    driver.press("space")
    #expect(driver.recipe?.contains("snq_quantize") == true)
    #expect(!driver.screen.contains("no run takes"), "\(driver.screen)")
    #expect(driver.recipeScreen.form.fields.contains { $0.path.field == .maxIteration })
    driver.press("space")
    #expect(driver.recipe?.contains("snq_quantize") == false)
  }

  @Test func `update_bn makes the parameters of the update editable`() throws {
    var driver = try Shapes.driver(recipe: Self.text)
    try goTo("global", &driver)
    open(.updateBN, &driver)
    driver.press("space")
    #expect(driver.recipe?.contains("update_bn: true") == true)
    #expect(driver.recipeScreen.form.fields.contains { $0.path.field == .updateBN && $0.text == "true" })
    try goTo("bn update", &driver)
    open(.updateIterations, &driver)
    driver.press("Enter backspace backspace")
    driver.type("40")
    driver.press("Enter")
    #expect(driver.recipe?.contains("bn_update_iterations: 40") == true, "\(driver.screen)")
  }

  @Test func `a starts a recipe, and u leaves none`() throws {
    var driver = try Shapes.driver()
    driver.press("3 a")
    #expect(driver.recipe?.hasPrefix("common_config") == true)
    #expect(driver.recipeScreen.part == .block(.common))
    driver.press("u")
    #expect(driver.recipe == nil && driver.screen.contains("This project has no recipe."))
  }

  @Test func `a rule is added by name, which Tab completes, and removed`() throws {
    var driver = try Shapes.driver(recipe: Self.text)
    driver.press("a l")
    driver.type("conv3_e")
    driver.press("Tab Enter")
    // Of the names that begin so, conv3_expand, conv3_expand_bn and others, it writes what they share.
    #expect(driver.recipeScreen.part == .block(.layer("conv3_expand")), "\(driver.screen)")
    #expect(driver.screen.contains("recipe: rule for conv3_expand added"))
    driver.press("X")
    #expect(driver.recipe == Self.text)
  }

  @Test func `a name that the net lacks is refused with the nearest`() throws {
    var driver = try Shapes.driver(recipe: Self.text)
    driver.press("a s")
    driver.type("conv3_expnd")
    driver.press("Enter")
    #expect(driver.screen.contains("did you mean 'conv3_expand'"), "\(driver.screen)")
    #expect(driver.recipe == Self.text)
    driver.press("Esc")
    #expect(driver.session.prompt == nil)
  }

  @Test func `names go on and off the skip lists`() throws {
    var driver = try Shapes.driver(recipe: Self.text)
    try goTo("skip types", &driver)
    driver.press("Enter")
    driver.type("Eltwise")
    driver.press("Enter")
    #expect(driver.recipeScreen.part == .name("Eltwise", .skipLayerTypes))
    // In the quotes that the file begins with.
    #expect(driver.recipe == Self.text + "skip_layer_types: 'Eltwise'\n")
    try goTo("pool1", &driver)
    driver.press("X")
    #expect(driver.recipe?.contains("skip_layers:") == false)
    driver.press("u u")
    #expect(driver.recipe == Self.text)
  }

  @Test func `a value out of range is opened, marked and repaired`() throws {
    let broken = Self.text.replacing("num_bits: 12", with: "num_bits: 77")
    var driver = try Shapes.driver(recipe: broken)
    #expect(driver.session.log.contains { $0.text.contains("recipe.cfg:11:") && $0.text.contains("[8, 16]") })
    #expect(driver.screen.contains("Recipe: 1 error"))
    try goTo("layer conv3_dw", &driver)
    open(.activationBits, &driver)
    try driver.expect("recipe/repair")
    driver.press("A")
    #expect(driver.screen.contains("the recipe cannot be applied: line 11"), "\(driver.screen)")
    driver.press("Enter backspace backspace 1 2 Enter")
    #expect(driver.recipe == Self.text && driver.screen.contains("Recipe: recipe.cfg"))
  }

  @Test(arguments: ["120x40", "80x24"]) func `a text that cannot be read is shown with its place`(_ size: String) throws
  {
    let damaged = Self.text.replacing("search_step: 0.02", with: "serch_step: 0.02")
    var driver = try Shapes.driver(recipe: damaged, size)
    try driver.expect("recipe/damaged-\(size)")
    driver.press("a")
    #expect(driver.recipeScreen.reading.document != nil)
    driver.press("u")
    #expect(driver.recipe == damaged)
  }

  @Test func `o takes the recipe of a file, as an edit`() throws {
    var driver = try Shapes.driver()
    driver.press("3 o")
    driver.type("rules/board.cfg")
    driver.press("Enter")
    #expect(driver.takeWork() == [.effect(.readRecipe("rules/board.cfg"))])
    driver.send(.news(.recipeRead(OfferedRecipe(file: "rules/board.cfg", bytes: Array(Self.text.utf8)))))
    #expect(driver.recipe == Self.text && driver.screen.contains("recipe taken from board.cfg"))
    driver.press("u")
    #expect(driver.recipe == nil)
  }

  @Test func `a recipe given at the start is shown, as an edit`() throws {
    var driver = ScreenDriver(AppModel(title: "shapes", look: Look()), size: "120x40")
    let offered = OfferedRecipe(file: "board.cfg", bytes: Array(Self.text.utf8))
    driver.send(.news(.opened(try Shapes.project(offered: offered))))
    #expect(driver.screen.contains("[3 Recipe]") && driver.recipe == Self.text)
    driver.press("u")
    #expect(driver.recipe == nil)
  }

  @Test func `S asks for both files, and the status says which is unsaved`() throws {
    var driver = try Shapes.driver(recipe: Self.text)
    driver.press("a k")
    driver.type("Eltwise")
    driver.press("Enter 2 x")
    let workspace = try #require(driver.session.workspace)
    #expect(driver.screen.contains("unsaved: config.json recipe.cfg"))
    _ = driver.takeWork()
    driver.press("S")
    #expect(driver.takeWork() == [.effect(.save(workspace.config, recipe: workspace.recipe))])
    driver.send(.news(.saved(workspace.config, recipe: workspace.recipe)))
    #expect(driver.screen.contains("unsaved: -") && driver.screen.contains("and recipe.cfg"))
  }

  @Test func `a layer's settings say where they come from`() throws {
    var driver = try Shapes.driver(recipe: Self.text)
    driver.press("A Enter 2")
    func origin(_ layer: String, _ field: ConfigField) throws -> Provenance? {
      let workspace = try #require(driver.session.workspace)
      return workspace.fields(of: workspace.index(of: layer)).first { $0.path.field == field }?.provenance
    }
    #expect(try origin("conv3_dw", .activationBits) == .recipeLayer)
    #expect(try origin("conv1", .searchStep) == .recipeCommon)
    #expect(try origin("fc6", .channelWise) == .recipeType)
    #expect(try origin("conv1", .activationBits) == .defaultValue)
    driver.press("b")
    #expect(try origin("conv1", .activationBits) == .hand)
  }

  @Test func `a run is told the recipe while the config is what it made`() throws {
    var driver = try Shapes.driver(recipe: Self.text)
    #expect(driver.session.workspace?.recipeOfConfig == nil)
    driver.press("A Enter")
    #expect(driver.session.workspace?.recipeOfConfig == Array(Self.text.utf8))
    driver.press("2 b")
    #expect(driver.session.workspace?.recipeOfConfig == nil)
  }
}
