import Testing

@testable import WorkbenchUI

/// Branches as lanes. The drawings are made by hand from the rule in `Rails`: the first reader takes the lane, the value
/// goes on to its right, a layer with several inputs stands in the leftmost of their lanes.
@Suite("Rails") struct RailsTests {
  /// A net in lines `name: inputs`; every layer makes one value of its name, `a+b: x` two.
  private func links(_ text: String) -> (names: [String], links: LayerLinks) {
    var number: [Substring: Int] = [:]
    func value(_ name: Substring) -> Int {
      if number[name] == nil { number[name] = number.count }
      return number[name] ?? 0
    }
    var (names, steps): ([String], [LayerLinks.Step]) = ([], [])
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":", omittingEmptySubsequences: false)
      let reads = parts[1].split(separator: " ").map(value)
      steps.append(.init(reads: reads, makes: parts[0].split(separator: "+").map(value)))
      names.append(String(parts[0]))
    }
    return (names, LayerLinks(steps))
  }

  private func drawing(_ text: String, _ glyphs: GlyphSet = .ascii, columns: Int = 40) -> [String] {
    let rails = Rails(links(text).links)
    return rails.rows.indices.map { row in String(rails.cells(row, columns: columns).map(glyphs.sign)) }
  }

  private static let residual = """
    data:
    conv1: data
    pool1: conv1
    branch1: pool1
    branch2a: pool1
    branch2c: branch2a
    sum: branch1 branch2c
    relu: sum
    next2a: relu
    next2c: next2a
    sum2: relu next2c
    """

  @Test func `a residual net forks at the first branch and joins at the sum`() {
    #expect(
      drawing(Self.residual) == ["*", "*", "*", "*\\", "| *", "| *", "*/", "*", "*\\", "* |", "*/"])
  }

  @Test func `box lines are the same drawing`() {
    #expect(drawing(Self.residual, .box) == ["●", "●", "●", "●╲", "│ ●", "│ ●", "●╱", "●", "●╲", "● │", "●╱"])
  }

  private static let inception = """
    pool:
    1x1: pool
    3x3_reduce: pool
    3x3: 3x3_reduce
    5x5_reduce: pool
    5x5: 5x5_reduce
    pool_own: pool
    pool_proj: pool_own
    concat: 1x1 3x3 5x5 pool_proj
    """

  @Test func `an inception block has a lane for each branch`() {
    #expect(
      drawing(Self.inception) == [
        "*", "*\\", "| *\\", "| * |", "| | *\\", "| | * |", "| | | *", "| | | *", "*-+-+/",
      ])
  }

  @Test func `box lines of an inception join`() { #expect(drawing(Self.inception, .box).last == "●─┴─┴╱") }

  @Test func `a dense block carries every value on to the later concats`() {
    // x0 is read by a, cat1 and cat2: it goes on beside them until its last reader.
    let net = """
      x0:
      a: x0
      cat1: x0 a
      b: cat1
      cat2: x0 b
      """
    // cat1 reads x0 in lane 1, which goes on: met there; cat2 is its last reader.
    #expect(drawing(net) == ["*", "*\\", "*-+", "* |", "*/"])
  }

  @Test func `a layer that nothing follows stands beside the lane it reads`() {
    // `top1` reads fc, which goes on to the loss.
    #expect(drawing("fc:\ntop1: fc\nloss: fc") == ["*", "+-*", "*"])
  }

  @Test func `a layer of two tops begins two lanes, and a lane between is crossed`() {
    // left and right come from one layer; x reads left, and what y reads (right) is in lane 1.
    let net = """
      left+right:
      x: left
      y: left
      join: x right
      out: join y
      """
    // x takes lane 0, left goes on to the first free lane, 2, over lane 1; join takes x and right; out takes y.
    #expect(drawing(net) == ["*\\", "*-|\\", "| | *", "*/  |", "*--/"])
  }

  @Test func `lanes that have no room are told by a sign`() {
    #expect(drawing(Self.inception, columns: 4)[8] == "*-+>")
    #expect(drawing(Self.inception, columns: 4)[1] == "*\\")
  }

  @Test func `branch start and end, then what is before and behind`() {
    let (names, links) = links(Self.inception)
    func go(_ from: String, _ way: (Int) -> Int) -> String { names[way(names.firstIndex(of: from) ?? 0)] }
    #expect(go("5x5", links.branchStart) == "5x5_reduce")
    #expect(go("5x5_reduce", links.branchStart) == "pool")
    #expect(go("5x5_reduce", links.branchEnd) == "5x5")
    #expect(go("5x5", links.branchEnd) == "concat")
    #expect(go("pool", links.branchStart) == "pool" && go("concat", links.branchEnd) == "concat")
  }

  @Test func `a neighbourhood is what feeds a layer and what it feeds`() {
    let (names, links) = links(Self.inception)
    let around = links.neighbourhood(of: names.firstIndex(of: "3x3") ?? 0, depth: 2)
    #expect(around.map { "\(names[$0.row]) \($0.distance)" } == ["pool -2", "3x3_reduce -1", "3x3 0", "concat 1"])
  }

  @Test func `5,000 layers are laid out in milliseconds`() {
    let steps = (0..<5000).map { row in
      LayerLinks.Step(reads: row == 0 ? [] : row % 5 == 0 && row >= 5 ? [row - 1, row - 5] : [row - 1], makes: [row])
    }
    let time = ContinuousClock().measure { _ = Rails(LayerLinks(steps)) }
    print("rails of 5,000 layers: \(time)")
    #expect(time < .milliseconds(500))
  }
}
