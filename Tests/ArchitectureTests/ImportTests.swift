import Testing

@Suite("Imports") struct ImportTests {
  @Test(arguments: House.targets.map(\.name)) func `a target imports only what stands below it`(_ name: String) throws {
    let target = try #require(House.targets.first { $0.name == name })
    let allowed = House.visible(from: target).union(House.platform)
    for file in try SourceTree.files(in: "Sources/" + name, ["swift"]) {
      for match in try SourceTree.text(file).matches(of: /(?m)^(?:@\w+ |[a-z]+ )*import (?:\w+ )?(\w+)/) {
        #expect(allowed.contains(String(match.1)), "\(file) imports \(match.1)")
      }
    }
  }

  @Test func `the house is that of Package.swift`() throws {
    let package = try PackageManifest.targets()
    for target in House.targets {
      let declared = try #require(package[target.name], "Package.swift has no target \(target.name)")
      #expect(declared == target.standsOn, "\(target.name)")
    }
    let folders = Set(try SourceTree.files(in: "Sources").compactMap { $0.split(separator: "/").dropFirst().first })
    #expect(folders == Set(House.targets.map { Substring($0.name) }))
  }

  @Test func `no target stands on one above it`() {
    var below: Set<String> = ["ArgumentParser"]
    for target in House.targets {
      #expect(below.isSuperset(of: target.standsOn), "\(target.name) stands on \(target.standsOn)")
      below.insert(target.name)
    }
  }

  @Test func `the manifest reader sees names, products and empty lists`() {
    let text = """
      targets: [
        .target(name: "A", resources: ["x"].map { .copy("f(\\($0))") }),
        .testTarget(
          name: "B", dependencies: ["A", .product(name: "P", package: "p")], exclude: ["E"]),
      ]
      """
    #expect(PackageManifest.targets(in: text) == ["A": [], "B": ["A", "P"]])
  }
}

/// Package.swift as far as these tests need it: targets and their dependencies, read as text.
enum PackageManifest {
  static func targets() throws -> [String: [String]] { targets(in: try SourceTree.text("Package.swift")) }

  static func targets(in text: String) -> [String: [String]] {
    var result: [String: [String]] = [:]
    for match in text.matches(of: /\.(?:target|executableTarget|testTarget)\(/) {
      let body = balanced(text[match.range.upperBound...], open: "(", close: ")")
      guard let name = body.firstMatch(of: /name: "([^"]+)"/) else { continue }
      var dependencies: [String] = []
      if let list = body.firstMatch(of: /dependencies: \[/) {
        let items = balanced(body[list.range.upperBound...], open: "[", close: "]")
        dependencies = items.matches(of: /(?:\.product\(name: "([^"]+)"[^)]*\))|"([^"]+)"/).map {
          String($0.1 ?? $0.2 ?? "")
        }
      }
      result[String(name.1)] = dependencies
    }
    return result
  }

  /// The text up to the bracket that closes what is open before it.
  private static func balanced(_ text: Substring, open: Character, close: Character) -> Substring {
    var depth = 1
    for i in text.indices {
      if text[i] == open { depth += 1 }
      if text[i] == close { depth -= 1 }
      if depth == 0 { return text[..<i] }
    }
    return text
  }
}
