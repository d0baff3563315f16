import LayerGraph
import Layers
import Testing

/// Lists are kept by hand, one line per entry; here they are compared with the sources.
@Suite("Catalogs") struct CatalogTests {
  @Test func `every layer type in the sources is in the catalog`() throws {
    let roles: Set<String> = ["LayerType", "InputLayerType", "PostOpHost", "FusionHost", "ChannelAffine"]
    let written = try SourceTree.types(in: "Sources/Layers", conformingTo: roles).map(\.name)
    let listed = LayerCatalog.builtIn.types.map { String(describing: $0) }
    #expect(Set(written).subtracting(listed) == [], "not in LayerCatalog+BuiltIn.swift")
    #expect(Set(listed).subtracting(written) == [])
  }

  @Test func `protocols that make a layer type are all known here`() throws {
    let known: Set<String> = [
      "InputLayerType", "PostOpHost", "FusionHost", "ChannelAffine", "StateFeedback", "RecurrentVariant",
    ]
    for file in try SourceTree.files(in: "Sources", ["swift"]) {
      for match in try SourceTree.text(file).matches(of: /protocol (\w+)\s*:[^{]*\bLayerType\b/) {
        #expect(known.contains(String(match.1)), "\(file): \(match.1)")
      }
    }
  }

  @Test func `the catalog is in alphabetical order`() {
    let listed = LayerCatalog.builtIn.types.map { String(describing: $0) }
    #expect(listed == listed.sorted { $0.lowercased() < $1.lowercased() })
  }

  @Test func `a layer type has a file of its own name`() throws {
    let own = Set(try SourceTree.files(in: "Sources/Layers", ["swift"]))
    for type in LayerCatalog.builtIn.types { #expect(own.contains("Sources/Layers/\(type).swift"), "\(type)") }
  }

  @Test func `every command in the sources is in the catalog or in a command that is`() throws {
    let catalog = try SourceTree.text("Sources/cortado/CommandCatalog.swift")
    let parsable: Set<String> = ["ParsableCommand", "AsyncParsableCommand"]
    let written = try SourceTree.types(in: "Sources/cortado/Subcommands", conformingTo: parsable)
    #expect(!written.isEmpty)
    for type in written {
      let around = try SourceTree.text(type.file)
      let isListed = catalog.contains("\(type.name).self,")
      let isPart = around.matches(of: /subcommands: \[([^\]]*)\]/).contains { $0.1.contains("\(type.name).self") }
      #expect(isListed || isPart, "\(type.name) in \(type.file)")
    }
  }

  @Test func `every pass in the sources is run by somebody`() throws {
    let passes = try SourceTree.types(in: "Sources/Passes", conformingTo: ["Pass"])
    #expect(!passes.isEmpty)
    for pass in passes {
      let users = try SourceTree.files(in: "Sources", ["swift"]).filter { file in
        try file != pass.file && SourceTree.text(file).contains("\(pass.name)(")
      }
      #expect(!users.isEmpty, "\(pass.name)")
    }
  }

  @Test func `every screen in the sources is in the catalog, in a file and with a test of its own`() throws {
    let catalog = try SourceTree.text("Sources/WorkbenchUI/Screens/ScreenCatalog.swift")
    let tests = Set(try SourceTree.files(in: "Tests/WorkbenchUITests", ["swift"]))
    let written = try SourceTree.types(in: "Sources/WorkbenchUI", conformingTo: ["Screen"])
    #expect(!written.isEmpty)
    for type in written {
      #expect(catalog.contains("    \(type.name).self,"), "\(type.name) is not in ScreenCatalog.swift")
      #expect(type.file == "Sources/WorkbenchUI/Screens/\(type.name).swift")
      #expect(tests.contains("Tests/WorkbenchUITests/\(type.name)Tests.swift"), "\(type.name) has no test")
    }
  }

  @Test func `every sheet has a file and a test of its own`() throws {
    let tests = Set(try SourceTree.files(in: "Tests/WorkbenchUITests", ["swift"]))
    let written = try SourceTree.types(in: "Sources/WorkbenchUI/Sheets", conformingTo: ["Sheet", "QuestionSheet"])
      .filter { $0.name != "QuestionSheet" }
    #expect(!written.isEmpty)
    for type in written {
      #expect(type.file == "Sources/WorkbenchUI/Sheets/\(type.name).swift")
      #expect(tests.contains("Tests/WorkbenchUITests/\(type.name)Tests.swift"), "\(type.name) has no test")
    }
  }
}
