import Testing

@testable import WorkbenchUI

@Suite("Scatter plot") struct ScatterPlotTests {
  private let diagonal = ScatterPlot(points: (0..<4).map { .init(Double($0), Double($0)) }, range: 0...3)

  @Test func `points fall into the cell of their values, the largest into the last`() {
    // 0, 1, 2, 3 over 4 cells of 0.75: cells 0, 1, 2, 3; rows count from the top.
    #expect(diagonal.counts(columns: 4, rows: 4) == [0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0])
  }

  @Test func `what is not finite or outside is left out`() {
    let plot = ScatterPlot(points: [.init(.nan, 0), .init(0, .infinity), .init(5, 0), .init(1, 1)], range: 0...3)
    #expect(plot.counts(columns: 3, rows: 3).reduce(0, +) == 1)
    #expect(ScatterPlot.range(of: plot.points) == 0...5)
    #expect(ScatterPlot.range(of: [.init(.nan, .nan)]) == nil)
    #expect(ScatterPlot(points: [.init(2, 2)], range: 2...2).counts(columns: 3, rows: 1) == [0, 1, 0])
  }

  @Test func `signs stand for four times as many each`() {
    #expect(
      [0, 1, 3, 4, 15, 16, 63, 64, 100_000].map(ScatterPlot.density) == [nil, ".", ".", ":", ":", "*", "*", "#", "#"])
  }

  @Test func `drawn in letters`() {
    var canvas = Canvas(Size(columns: 11, rows: 6))
    canvas.draw(diagonal, in: canvas.bounds, look: Look())
    #expect(
      canvas.lines == [
        "    3 |   .", "      |  .", "      | .", "    0 |.", "      +----", "       0  3",
      ])
  }

  @Test func `braille has eight dots a cell`() {
    var canvas = Canvas(Size(columns: 11, rows: 6))
    // 8 x 16 dots of the range 0...8: (0, 0) is the lowest left dot of the lowest left cell: U+2840.
    canvas.draw(
      ScatterPlot(points: [.init(0, 0), .init(8, 8)], range: 0...8), in: canvas.bounds, look: Look(glyphs: .braille))
    #expect(canvas[7, 3]?.character == "\u{2840}")
    // The highest right dot of the highest right cell: U+2808.
    #expect(canvas[10, 0]?.character == "\u{2808}")
  }
}
