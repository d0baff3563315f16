import Diagnostics
import QuantEngine
import ScreenTesting
import Testing

@testable import WorkbenchUI

/// Screen 1: the model, its checks, the next step, recent projects.
@Suite("Home screen") struct HomeScreenTests {
  static func around(language: Language = .english) -> Surroundings {
    var around = Surroundings()
    around.startsAtHome = true
    var own = RecentProject(model: "/nets/shapes.prototxt", words: ["/nets/shapes.prototxt"], folder: "/nets")
    own.opened = 1_000_000
    var other = RecentProject(
      model: "/nets/resnet/ResNet50.prototxt", words: ["/nets/resnet/ResNet50.prototxt", "--images=my images"],
      folder: "/nets/resnet", opened: 1_000_000 - 7200)
    other.note = "run 12, chain out 0.98610, 9 under 0.99"
    around.state.projects = [own, other]
    around.project = own
    return around
  }

  static func driver(
    _ size: String = "120x40", runs: [FinishedRun] = [], language: Language = .english,
    images: ImageSupply? = ImageSupply(count: 64, batchSize: 8)
  ) throws -> ScreenDriver<AppModel> {
    let look = Look(strings: language.strings)
    var driver = ScreenDriver(
      AppModel(title: "shapes", look: look, epoch: 1_000_000, around: around()), size: size)
    driver.send(.news(.opened(try Shapes.project(runs: runs, images: images))))
    return driver
  }

  @Test(arguments: ["120x40", "80x24", "60x16", "59x15"]) func `looks as it should`(size: String) throws {
    var driver = try Self.driver(size, runs: [Shapes.run(1, Shapes.defaults)])
    driver.send(.news(.checked(ModelCheck(images: 8, seconds: 0.31))))
    try driver.expect("app/home-\(size)")
  }

  @Test func `speaks Chinese`() throws {
    var driver = try Self.driver("80x24", runs: [Shapes.run(1, Shapes.defaults)], language: .chinese)
    driver.send(.news(.checked(ModelCheck(images: 8, seconds: 0.31))))
    try driver.expect("app/home-zh")
  }

  @Test func `the frame of other screens speaks Chinese`() throws {
    var driver = try Self.driver("80x24", runs: [Shapes.run(1, Shapes.defaults)], language: .chinese)
    driver.press("2")
    try driver.expect("app/layers-zh")
  }

  @Test func `it is there before the model is`() throws {
    let driver = ScreenDriver(AppModel(title: "shapes", look: Look(), around: Self.around()))
    #expect(driver.requests == [.effect(.open)])
    #expect(driver.screen.contains("[..] model loads") && driver.screen.contains("ResNet50"))
  }

  @Test func `while the model is read time goes on`() throws {
    var driver = ScreenDriver(AppModel(title: "shapes", look: Look(), around: Self.around()))
    driver.advance(by: .seconds(3))
    #expect(driver.screen.contains("3 s"))
  }

  @Test func `the original net is tried as soon as there are images`() throws {
    var driver = try Self.driver()
    #expect(driver.takeWork().contains(.effect(.check)))
    #expect(driver.screen.contains("[..] original net"))
    driver.send(.news(.checked(ModelCheck(images: 8, seconds: 0.5, notFinite: ["prob": 3]))))
    #expect(driver.screen.contains("[ !] original net    3 values of 'prob' are not finite"))
    var none = try Self.driver(images: nil)
    #expect(!none.takeWork().contains(.effect(.check)))
    #expect(none.screen.contains("start with --images FOLDER"))
  }

  @Test func `the next step goes with the project`() throws {
    let project = try Shapes.project()
    var driver = try Self.driver()
    #expect(driver.screen.contains("r start the first run"))
    driver = try Self.driver(runs: [Shapes.run(1, Shapes.defaults, config: project.config)])
    // Of the nine layers of the run six are under .99, as the sample's README says.
    #expect(driver.screen.contains("5 look at the 6 layers under 0.99"))
    driver.press("n")
    #expect(driver.session.screen == ScreenID(CompareScreen.self))
    driver.press("2 x 1")
    #expect(driver.screen.contains("r measure 1 edit"))
  }

  @Test func `Enter on another project opens it when this one can be left`() throws {
    var driver = try Self.driver()
    driver.press("Enter")
    #expect(driver.session.screen == ScreenID(LayersScreen.self))
    driver.press("1 j Enter")
    #expect(driver.takeWork().last == .quit(status: 0))
    #expect(driver.model.successor?.model == "/nets/resnet/ResNet50.prototxt")
  }

  @Test func `a project is not opened by a later quit when the person stayed`() throws {
    var driver = try Self.driver()
    driver.press("2 x 1 j Enter")
    #expect(driver.screen.contains("Quit?"))
    driver.press("Esc u")
    driver.press("S")
    driver.send(.news(.saved(try #require(driver.session.workspace).config)))
    driver.press("q")
    #expect(driver.takeWork().last == .quit(status: 0) && driver.model.successor == nil)
  }

  @Test func `without a model there are the projects, or what opens one`() throws {
    var around = Self.around()
    around.hasModel = false
    around.project = nil
    var driver = ScreenDriver(AppModel(title: "", look: Look(), epoch: 1_000_000, around: around))
    #expect(driver.requests.isEmpty && driver.screen.contains("ResNet50"))
    driver.press("2")
    #expect(driver.screen.contains("No model is open."))
    driver.press("1 y")
    #expect(driver.takeWork() == [.copy("cd /nets && cortado /nets/shapes.prototxt")])
    driver.press("j y")
    #expect(
      driver.takeWork() == [.copy("cd /nets/resnet && cortado /nets/resnet/ResNet50.prototxt '--images=my images'")])
    around.state.projects = []
    driver = ScreenDriver(AppModel(title: "", look: Look(), around: around))
    #expect(driver.screen.contains("cortado MODEL.prototxt WEIGHTS.caffemodel --images FOLDER"))
  }

  @Test func `a project can be taken off the list, but not the open one`() throws {
    var driver = try Self.driver()
    driver.press("X")
    #expect(driver.session.memory.projects.count == 2)
    driver.press("j X")
    #expect(driver.session.memory.projects.map(\.name) == ["shapes"])
    #expect(driver.session.memory.forgotten == ["/nets/resnet/ResNet50.prototxt"])
  }
}
